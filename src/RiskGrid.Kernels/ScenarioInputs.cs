namespace RiskGrid.Kernels;

/// <summary>The trades of a sheet as the scenario kernel reads them, one array per field, all of one length.</summary>
public readonly ref struct ScenarioTrades
{
    /// <summary>Call or put.</summary>
    public required ReadOnlySpan<OptionSide> Side { get; init; }

    /// <summary>Strike, above zero.</summary>
    public required ReadOnlySpan<double> Strike { get; init; }

    /// <summary>Volatility before the scenario's multiplier, per square root of a year.</summary>
    public required ReadOnlySpan<double> Volatility { get; init; }

    /// <summary>Square root of the time to expiry in years.</summary>
    public required ReadOnlySpan<double> RootTime { get; init; }

    /// <summary>Quantity times multiplier, signed. A trade of weight zero is skipped.</summary>
    public required ReadOnlySpan<double> Weight { get; init; }

    /// <summary>Weight times the price without any shock, in the reporting currency.</summary>
    public required ReadOnlySpan<double> BaseValue { get; init; }

    /// <summary>Row of <see cref="ScenarioMarket"/> that the trade is priced on. Neighbours of one slice are cheaper.</summary>
    public required ReadOnlySpan<int> Slice { get; init; }
}

/// <summary>Markets under each scenario, row-major: <c>[slice * Count + scenario]</c>.</summary>
public readonly ref struct ScenarioMarket
{
    private readonly int _stride;

    /// <summary>Number of rows: one per (underlying, expiry) or whatever shares a forward and a discount factor.</summary>
    public required int Slices { get; init; }

    /// <summary>Number of scenarios.</summary>
    public required int Count { get; init; }

    /// <summary>Forward price for expiry.</summary>
    public required ReadOnlySpan<double> Forward { get; init; }

    /// <summary>Discount factor, times the FX rate into the reporting currency where the option pays another.</summary>
    public required ReadOnlySpan<double> Discount { get; init; }

    /// <summary>What the trade's volatility is multiplied by.</summary>
    public required ReadOnlySpan<double> VolatilityMultiplier { get; init; }

    /// <summary>From one row to the next; at least the count.</summary>
    internal int Stride
    {
        get => Math.Max(_stride, Count);
        private init => _stride = value;
    }

    /// <summary>Elements of each array.</summary>
    internal long Cells => Slices == 0 ? 0 : ((Slices - 1L) * Stride) + Count;

    /// <summary>The same rows for some of the scenarios; nothing is copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no such scenarios.</exception>
    public ScenarioMarket Scenarios(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Count - count);
        var cells = Slices == 0 ? 0 : ((Slices - 1) * Stride) + count;
        return new ScenarioMarket
        {
            Slices = Slices, Count = count, Stride = Stride, Forward = Forward.Slice(Slices == 0 ? 0 : start, cells),
            Discount = Discount.Slice(Slices == 0 ? 0 : start, cells),
            VolatilityMultiplier = VolatilityMultiplier.Slice(Slices == 0 ? 0 : start, cells),
        };
    }
}

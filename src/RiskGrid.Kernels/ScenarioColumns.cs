namespace RiskGrid.Kernels;

/// <summary><see cref="ScenarioTrades"/> in memory that threads can share.</summary>
public sealed record ScenarioTradeColumns
{
    /// <inheritdoc cref="ScenarioTrades.Side"/>
    public required ReadOnlyMemory<OptionSide> Side { get; init; }

    /// <inheritdoc cref="ScenarioTrades.Strike"/>
    public required ReadOnlyMemory<double> Strike { get; init; }

    /// <inheritdoc cref="ScenarioTrades.Volatility"/>
    public required ReadOnlyMemory<double> Volatility { get; init; }

    /// <inheritdoc cref="ScenarioTrades.RootTime"/>
    public required ReadOnlyMemory<double> RootTime { get; init; }

    /// <inheritdoc cref="ScenarioTrades.Weight"/>
    public required ReadOnlyMemory<double> Weight { get; init; }

    /// <inheritdoc cref="ScenarioTrades.BaseValue"/>
    public required ReadOnlyMemory<double> BaseValue { get; init; }

    /// <inheritdoc cref="ScenarioTrades.Slice"/>
    public required ReadOnlyMemory<int> Slice { get; init; }

    internal ScenarioTrades All => new()
    {
        Side = Side.Span, Strike = Strike.Span, Volatility = Volatility.Span, RootTime = RootTime.Span, Weight = Weight.Span,
        BaseValue = BaseValue.Span, Slice = Slice.Span,
    };

    internal ScenarioTrades Range(int start, int length) => new()
    {
        Side = Side.Span.Slice(start, length), Strike = Strike.Span.Slice(start, length),
        Volatility = Volatility.Span.Slice(start, length), RootTime = RootTime.Span.Slice(start, length),
        Weight = Weight.Span.Slice(start, length), BaseValue = BaseValue.Span.Slice(start, length),
        Slice = Slice.Span.Slice(start, length),
    };
}

/// <summary>A <see cref="ScenarioMarket"/> in memory that threads can share.</summary>
public sealed record ScenarioMarketColumns
{
    /// <inheritdoc cref="ScenarioMarket.Slices"/>
    public required int Slices { get; init; }

    /// <inheritdoc cref="ScenarioMarket.Count"/>
    public required int Count { get; init; }

    /// <inheritdoc cref="ScenarioMarket.Forward"/>
    public required ReadOnlyMemory<double> Forward { get; init; }

    /// <inheritdoc cref="ScenarioMarket.Discount"/>
    public required ReadOnlyMemory<double> Discount { get; init; }

    /// <inheritdoc cref="ScenarioMarket.VolatilityMultiplier"/>
    public required ReadOnlyMemory<double> VolatilityMultiplier { get; init; }

    internal ScenarioMarket All => new()
    {
        Slices = Slices, Count = Count, Forward = Forward.Span, Discount = Discount.Span,
        VolatilityMultiplier = VolatilityMultiplier.Span,
    };
}

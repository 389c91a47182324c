namespace RiskGrid.Kernels;

/// <summary>European options on a spot with a continuous dividend yield, one array per field, all of one length.</summary>
public readonly ref struct SpotBatch
{
    /// <summary>Call or put.</summary>
    public required ReadOnlySpan<OptionSide> Side { get; init; }

    /// <summary>Price of the underlying, above zero.</summary>
    public required ReadOnlySpan<double> Spot { get; init; }

    /// <summary>Strike, above zero, in the unit of the spot.</summary>
    public required ReadOnlySpan<double> Strike { get; init; }

    /// <summary>Time to expiry in years; zero gives the intrinsic value.</summary>
    public required ReadOnlySpan<double> Time { get; init; }

    /// <summary>Volatility per square root of a year (0.2 is 20 %); zero gives the value of the certain payoff.</summary>
    public required ReadOnlySpan<double> Volatility { get; init; }

    /// <summary>Interest rate, continuously compounded, per year; may be negative.</summary>
    public required ReadOnlySpan<double> Rate { get; init; }

    /// <summary>Dividend yield, continuously compounded, per year; may be negative.</summary>
    public required ReadOnlySpan<double> DividendYield { get; init; }
}

/// <summary>European options on a forward, one array per field, all of one length.</summary>
public readonly ref struct ForwardBatch
{
    /// <summary>Call or put.</summary>
    public required ReadOnlySpan<OptionSide> Side { get; init; }

    /// <summary>Forward price for expiry, above zero.</summary>
    public required ReadOnlySpan<double> Forward { get; init; }

    /// <summary>Strike, above zero, in the unit of the forward.</summary>
    public required ReadOnlySpan<double> Strike { get; init; }

    /// <summary>Time to expiry in years.</summary>
    public required ReadOnlySpan<double> Time { get; init; }

    /// <summary>Volatility per square root of a year. An implied volatility leaves it empty.</summary>
    public ReadOnlySpan<double> Volatility { get; init; }

    /// <summary>Discount factor to the payment date, above zero (above one under negative rates).</summary>
    public required ReadOnlySpan<double> Discount { get; init; }
}

/// <summary>Where Greeks go: raw derivatives of one unit's price. Each span is of the batch's length, or empty if not wanted.</summary>
public readonly ref struct GreeksBuffers
{
    /// <summary>The price.</summary>
    public Span<double> Price { get; init; }

    /// <summary>dV/dS, or dV/dF in a batch on forwards.</summary>
    public Span<double> Delta { get; init; }

    /// <summary>d²V/dS² (dF²). Zero where the total volatility is zero.</summary>
    public Span<double> Gamma { get; init; }

    /// <summary>dV/dσ per 1.00 of volatility.</summary>
    public Span<double> Vega { get; init; }

    /// <summary>dV per year of calendar time passing, usually negative.</summary>
    public Span<double> Theta { get; init; }

    /// <summary>dV/dr per 1.00 of rate.</summary>
    public Span<double> Rho { get; init; }

    /// <summary>d²V/dSdσ (dFdσ).</summary>
    public Span<double> Vanna { get; init; }

    /// <summary>d²V/dσ².</summary>
    public Span<double> Volga { get; init; }
}

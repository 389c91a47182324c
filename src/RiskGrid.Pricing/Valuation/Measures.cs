namespace RiskGrid.Pricing;

/// <summary>The additive measures of a trade, book or desk, in one currency. Formulas, units and sources: <c>docs/measures.md</c>.</summary>
/// <param name="Mtm">Present value, currency units.</param>
/// <param name="DeltaCash">S·∂V/∂S: change of value per 100 % move of the underlying, currency units.</param>
/// <param name="GammaCash1Pct">0.01·S²·∂²V/∂S²: change of <paramref name="DeltaCash"/> (at constant share count) per 1 % move of the underlying.</param>
/// <param name="Vega1Pt">0.01·∂V/∂σ: change of value per volatility point.</param>
/// <param name="Theta1D">(∂V/∂t)/365: change of value per calendar day at constant spot.</param>
/// <param name="Rho1Bp">1e-4·∂V/∂z: change of value per basis point of a parallel move of the zero curve, spot fixed, forwards move.</param>
/// <param name="BidAskReserve">Σ|quantity|·multiplier·half-spread: cost of closing out at the touch; never negative.</param>
/// <param name="FxDelta">Value in currencies other than the reporting one: change of <paramref name="Mtm"/> per 100 % move of their rates.</param>
public readonly record struct Measures(
    double Mtm,
    double DeltaCash,
    double GammaCash1Pct,
    double Vega1Pt,
    double Theta1D,
    double Rho1Bp,
    double BidAskReserve,
    double FxDelta)
{
    /// <summary>Nothing held.</summary>
    public static Measures Zero => default;

    /// <summary>True when every measure is a finite number.</summary>
    public bool IsFinite =>
        double.IsFinite(Mtm) && double.IsFinite(DeltaCash) && double.IsFinite(GammaCash1Pct) && double.IsFinite(Vega1Pt)
        && double.IsFinite(Theta1D) && double.IsFinite(Rho1Bp) && double.IsFinite(BidAskReserve) && double.IsFinite(FxDelta);

    /// <summary>Adds field by field. Floating-point addition is not associative: callers add in a fixed order (trades in id order,
    /// children in name order).</summary>
    public static Measures operator +(in Measures left, in Measures right) => new(
        left.Mtm + right.Mtm,
        left.DeltaCash + right.DeltaCash,
        left.GammaCash1Pct + right.GammaCash1Pct,
        left.Vega1Pt + right.Vega1Pt,
        left.Theta1D + right.Theta1D,
        left.Rho1Bp + right.Rho1Bp,
        left.BidAskReserve + right.BidAskReserve,
        left.FxDelta + right.FxDelta);

    /// <summary>Every field times <paramref name="factor"/>: a change of currency.</summary>
    public Measures Scale(double factor) => new(
        Mtm * factor,
        DeltaCash * factor,
        GammaCash1Pct * factor,
        Vega1Pt * factor,
        Theta1D * factor,
        Rho1Bp * factor,
        BidAskReserve * factor,
        FxDelta * factor);
}

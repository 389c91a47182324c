using System.Collections.Immutable;

namespace RiskGrid.Risk;

/// <summary>The lines of a P&amp;L explain, in the reporting currency. They add up to <see cref="Total"/>.</summary>
/// <param name="Delta">∂V/∂S times the move of the underlying.</param>
/// <param name="Gamma">½·∂²V/∂S² times its square.</param>
/// <param name="Vega">∂V/∂σ times the move of the contract's volatility.</param>
/// <param name="Vanna">∂²V/∂S∂σ times both moves.</param>
/// <param name="Volga">½·∂²V/∂σ² times the square of the volatility's move.</param>
/// <param name="Theta">∂V/∂t times the time that passed.</param>
/// <param name="Rho">∂V/∂z times the change of the zero rate at expiry, roll along the curve included.</param>
/// <param name="Dividend">∂V/∂q times the change of the slice's dividend yield.</param>
/// <param name="Fx">The value at the end times the change of the FX rate.</param>
/// <param name="NewTrades">Value at the end of trades that were not there at the start.</param>
/// <param name="AmendedTrades">Value of new less old terms, both at the start's market.</param>
/// <param name="CancelledTrades">Less the value at the start of trades that are there no more.</param>
/// <param name="Expiries">Payoff of trades that expired in between, less their value at the start.</param>
/// <param name="MarkChanges">Effect of the volatility's move for trades whose volatility quote has another status at the end: another source of
/// the mark, not a move of the market.</param>
/// <param name="Coverage">Value that came or went because a trade has a number at one end only.</param>
/// <param name="Unexplained">The rest of the full revaluation.</param>
/// <param name="Total">Value at the end, plus the cash of expiries, less the value at the start.</param>
public readonly record struct PnlLines(
    double Delta,
    double Gamma,
    double Vega,
    double Vanna,
    double Volga,
    double Theta,
    double Rho,
    double Dividend,
    double Fx,
    double NewTrades,
    double AmendedTrades,
    double CancelledTrades,
    double Expiries,
    double MarkChanges,
    double Coverage,
    double Unexplained,
    double Total)
{
    /// <summary>Nothing happened.</summary>
    public static PnlLines Zero => default;

    /// <summary>All lines that have a name, added in their order.</summary>
    public double Explained =>
        Delta + Gamma + Vega + Vanna + Volga + Theta + Rho + Dividend + Fx + NewTrades + AmendedTrades + CancelledTrades + Expiries + MarkChanges
        + Coverage;

    /// <summary>Sum of the absolute lines, the total not among them.</summary>
    public double Gross
    {
        get
        {
            var sum = 0.0;
            foreach (var (_, pnl) in Named)
                sum += Math.Abs(pnl);
            return sum;
        }
    }

    /// <summary>The unexplained part as a percentage of <see cref="Gross"/>; zero when nothing happened.</summary>
    public double UnexplainedPercent => PercentOfGross(Unexplained);

    /// <summary>The lines with the names that commands show, without the total.</summary>
    public ImmutableArray<(string Name, double Pnl)> Named =>
    [
        ("delta", Delta), ("gamma", Gamma), ("vega", Vega), ("vanna", Vanna), ("volga", Volga), ("theta", Theta), ("rho", Rho),
        ("dividend", Dividend), ("fx", Fx), ("new trades", NewTrades), ("amended trades", AmendedTrades),
        ("cancelled trades", CancelledTrades), ("expiries and cash", Expiries), ("mark changes", MarkChanges), ("coverage", Coverage),
        ("unexplained", Unexplained),
    ];

    /// <summary>A line as a percentage of <see cref="Gross"/>; zero when nothing happened.</summary>
    public double PercentOfGross(double pnl) => Gross == 0 ? 0 : 100 * pnl / Gross;

    /// <summary>Adds field by field; callers add in a fixed order (children in name order).</summary>
    public static PnlLines operator +(in PnlLines left, in PnlLines right) => new(
        left.Delta + right.Delta,
        left.Gamma + right.Gamma,
        left.Vega + right.Vega,
        left.Vanna + right.Vanna,
        left.Volga + right.Volga,
        left.Theta + right.Theta,
        left.Rho + right.Rho,
        left.Dividend + right.Dividend,
        left.Fx + right.Fx,
        left.NewTrades + right.NewTrades,
        left.AmendedTrades + right.AmendedTrades,
        left.CancelledTrades + right.CancelledTrades,
        left.Expiries + right.Expiries,
        left.MarkChanges + right.MarkChanges,
        left.Coverage + right.Coverage,
        left.Unexplained + right.Unexplained,
        left.Total + right.Total);
}

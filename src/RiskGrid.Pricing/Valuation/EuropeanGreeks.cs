namespace RiskGrid.Pricing;

/// <summary>Price and raw derivatives of one unit of a European option, in price points, at fixed volatility.</summary>
/// <param name="Price">Present value of one unit.</param>
/// <param name="Delta">∂V/∂S.</param>
/// <param name="Gamma">∂²V/∂S².</param>
/// <param name="Vega">∂V/∂σ, per 1.00 of volatility.</param>
/// <param name="Theta">∂V/∂t, per year, at constant spot.</param>
/// <param name="Rho">∂V/∂z, per 1.00 of rate, spot and dividend yield fixed.</param>
public readonly record struct EuropeanGreeks(double Price, double Delta, double Gamma, double Vega, double Theta, double Rho)
{
    /// <summary>∂V/∂t per calendar day: theta / 365. Source: E. G. Haug, The Complete Guide to Option Pricing Formulas (1998), p. 11-16.</summary>
    public double ThetaPerDay => Theta / 365;

    /// <summary>Percentage change of value per percentage change of spot, Δ·S/V; null when the option is worthless.
    /// Source: Haug (1998), p. 11-16.</summary>
    /// <param name="spot">The spot price at which the derivatives were taken.</param>
    public double? Elasticity(double spot) => Price == 0 ? null : Delta * spot / Price;

    /// <summary>∂V/∂q per 1.00 of dividend yield, spot and rate fixed: −t·S·Δ, because spot and yield enter only as S·e^(−qt).
    /// Checked against the value in Haug (1998), p. 11-16.</summary>
    /// <param name="spot">The spot price at which the derivatives were taken.</param>
    /// <param name="time">Years to expiry.</param>
    public double DividendRho(double spot, double time) => -time * spot * Delta;
}

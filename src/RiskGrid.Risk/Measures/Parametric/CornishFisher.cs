namespace RiskGrid.Risk;

/// <summary>Cornish and Fisher's fourth-moment expansion of a quantile: w(z) = z + (z² − 1)S/6 + (z³ − 3z)K/24 − (2z³ − 5z)S²/36, with the
/// skewness S and the excess kurtosis K of the losses.</summary>
/// <remarks>E. A. Cornish and R. A. Fisher, "Moments and cumulants in the specification of distributions", Revue de l'Institut International
/// de Statistique 5 (1938), p. 307; J. C. Hull, Options, Futures, and Other Derivatives, on the quadratic model of VaR.</remarks>
public static class CornishFisher
{
    /// <summary>w(z), the quantile in standard deviations from the mean.</summary>
    public static double Quantile(double z, double skewness, double excessKurtosis) =>
        z + (((z * z) - 1) * skewness / 6) + (((z * z) - 3) * z * excessKurtosis / 24) - (((2 * z * z) - 5) * z * skewness * skewness / 36);

    /// <summary>The mean of w over the levels beyond z, by the integrals of Hermite polynomials against the normal density:
    /// m·(1 + zS/6 + (z² − 1)K/24 − (2z² − 1)S²/36), m = E[Z | Z &gt; z].</summary>
    public static double Shortfall(NormalLevel level, double skewness, double excessKurtosis)
    {
        var z = level.Z;
        return level.Shortfall
            * (1 + (z * skewness / 6) + (((z * z) - 1) * excessKurtosis / 24) - (((2 * z * z) - 1) * skewness * skewness / 36));
    }

    /// <summary>True when w increases everywhere: outside this domain it is no quantile function, and its numbers are no quantiles.</summary>
    /// <remarks>D. Maillard, "A user's guide to the Cornish Fisher expansion" (2012), section 2; V. Chernozhukov, I. Fernández-Val and A.
    /// Galichon, "Rearranging Edgeworth-Cornish-Fisher expansions", Economic Theory 42 (2010), p. 419: w′ is a quadratic in z.</remarks>
    public static bool IsMonotone(double skewness, double excessKurtosis)
    {
        var square = (excessKurtosis / 8) - (skewness * skewness / 6);
        var constant = 1 - (excessKurtosis / 8) + (5 * skewness * skewness / 36);
        return square >= 0 && (skewness * skewness / 9) - (4 * square * constant) <= 0;
    }
}

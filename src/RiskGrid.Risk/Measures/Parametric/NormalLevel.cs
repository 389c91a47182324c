using RiskGrid.Kernels;

namespace RiskGrid.Risk;

/// <summary>How far out a parametric measure looks: a confidence, or the number of standard deviations itself.</summary>
/// <param name="Z">Standard deviations: Φ(z) = q.</param>
/// <param name="Beyond">1 − q, the probability beyond.</param>
public readonly record struct NormalLevel(double Z, double Beyond)
{
    /// <summary>The level of a confidence q.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not between 0 and 1.</exception>
    public static NormalLevel OfConfidence(decimal confidence)
    {
        if (confidence is <= 0m or >= 1m)
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "a confidence lies between 0 and 1, both excluded");
        return new NormalLevel(-Elementary.InverseNormalCdf((double)(1 - confidence)), (double)(1 - confidence));
    }

    /// <summary>The level of a number of standard deviations, as printed tables round it: 1.65, say.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not between −8 and 8.</exception>
    public static NormalLevel OfZ(double z)
    {
        if (!(Math.Abs(z) <= 8))
            throw new ArgumentOutOfRangeException(nameof(z), z, "z is a number of standard deviations between -8 and 8");
        return new NormalLevel(z, Elementary.NormalCdf(-z));
    }

    /// <summary>q.</summary>
    public double Confidence => 1 - Beyond;

    /// <summary>E[Z | Z &gt; z] of a standard normal, φ(z)/(1 − q).</summary>
    internal double Shortfall => Elementary.NormalPdf(Z) / Beyond;
}

/// <summary>Value at risk and expected shortfall of a parametric method, in the unit of the P&amp;L, positive for a loss.</summary>
public readonly record struct ParametricMeasure(double ValueAtRisk, double ExpectedShortfall);

namespace RiskGrid.Risk;

/// <summary>Sine and cosine in a fixed order of operations, for the inversion of characteristic functions.</summary>
/// <remarks>Reduction to |r| ≤ π/4 with π/2 in three parts, then the Taylor series, whose first omitted term is below 2e-17. Error below
/// 4e-16 for arguments up to 1e6.</remarks>
internal static class SineCosine
{
    private const double TwoOverPi = 0.63661977236758134308;

    // π/2 as the sum of three doubles.
    private const double High = 1.5707963267948966;
    private const double Middle = 6.123233995736766e-17;
    private const double Low = -1.4973849048591833e-33;

    public static (double Sine, double Cosine) Of(double x)
    {
        var quarters = Math.Round(x * TwoOverPi);
        var r = Math.FusedMultiplyAdd(-quarters, High, x);
        r = Math.FusedMultiplyAdd(-quarters, Middle, r);
        r = Math.FusedMultiplyAdd(-quarters, Low, r);
        var s = r * r;
        var sine = r * (1 - (s / 6 * (1 - (s / 20 * (1 - (s / 42 * (1 - (s / 72 * (1 - (s / 110 * (1 - (s / 156 * (1 - (s / 210 * (1 - (s / 272))))))))))))))));
        var cosine = 1 - (s / 2 * (1 - (s / 12 * (1 - (s / 30 * (1 - (s / 56 * (1 - (s / 90 * (1 - (s / 132 * (1 - (s / 182 * (1 - (s / 240)))))))))))))));
        return ((long)quarters & 3) switch
        {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        };
    }
}

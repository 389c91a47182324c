namespace RiskGrid.Risk;

/// <summary>What both continued fractions share: W. J. Lentz, Applied Optics 15 (1976), p. 668, with Thompson and Barnett's guard
/// against zero denominators.</summary>
internal static class ContinuedFraction
{
    private const double Smallest = 1e-300;
    private const double Tolerance = 3e-16;

    // The fractions take about √max(a, b) steps; this is beyond 1e9 observations, and only stops what would never end.
    private const int Steps = 200_000;

    public static double NotZero(double value) => Math.Abs(value) < Smallest ? Smallest : value;

    public static bool Converged(double factor, int step) => Math.Abs(factor - 1) <= Tolerance || step >= Steps;
}

namespace RiskGrid.Risk;

/// <summary>Gauss-Legendre quadrature on [−1, 1] (Abramowitz and Stegun, table 25.4); the nodes are symmetric, so half of them are
/// kept.</summary>
internal static class GaussLegendre
{
    /// <summary>The positive nodes of the 16-point rule, exact for polynomials up to degree 31.</summary>
    public static ReadOnlySpan<double> Nodes =>
    [
        0.09501250983763744019, 0.2816035507792589132, 0.4580167776572273863, 0.6178762444026437484,
        0.7554044083550030339, 0.8656312023878317439, 0.9445750230732325761, 0.9894009349916499326,
    ];

    /// <summary>The weight of each node and of its mirror image.</summary>
    public static ReadOnlySpan<double> Weights =>
    [
        0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382, 0.1495959888165767320,
        0.1246289712555338721, 0.09515851168249278481, 0.06225352393864789286, 0.02715245941175409485,
    ];
}

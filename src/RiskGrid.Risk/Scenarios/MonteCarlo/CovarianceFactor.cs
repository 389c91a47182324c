using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>C = L·Lᵀ by Cholesky in the order of the factors, for covariances that may be singular.</summary>
/// <remarks>
/// When what the factors before it leave of a factor's variance is at most 1e-12 of it, the factor is taken as a combination of those: its own
/// column of L is zero. A factor of zero variance does not move; a copy of another moves as the other does; more factors than days of history
/// move within the days. At most 1e-6 of a volatility is lost so. A matrix that then leaves a variance below −1e-12 of the factor's own, or a
/// covariance with a later factor above 2e-6 of the two volatilities, is not a covariance: it is refused, naming the factors.
/// N. Higham, "Cholesky factorization", WIREs Computational Statistics 1 (2009), pp. 251–254, on semidefinite matrices.
/// </remarks>
internal static class CovarianceFactor
{
    private const double NoVariance = 1e-12;
    private const double NoCovariance = 2e-6;

    /// <returns>L, lower triangular, row by row.</returns>
    /// <exception cref="ValidationException">The matrix is not positive semidefinite within the tolerance.</exception>
    public static double[] Of(FactorCovariance covariance)
    {
        var factors = covariance.Factors;
        var n = factors.Length;
        var lower = new double[n * n];
        for (var j = 0; j < n; j++)
        {
            var own = covariance[j, j];
            if (!double.IsFinite(own))
                throw Refusal($"the variance of {factors[j]} is not a finite number");
            var left = Residual(covariance, lower, j, j);
            if (left < -NoVariance * own || own < 0)
                throw Refusal($"it is not positive semidefinite: given the factors before it, {factors[j]} has a variance of {left:R}");
            var pivot = left > NoVariance * own ? Math.Sqrt(left) : 0;
            lower[(j * n) + j] = pivot;
            for (var i = j + 1; i < n; i++)
            {
                var residual = Residual(covariance, lower, i, j);
                if (!double.IsFinite(residual))
                    throw Refusal($"the covariance of {factors[i]} and {factors[j]} is not a finite number");
                if (pivot > 0)
                    lower[(i * n) + j] = residual / pivot;
                else if (Math.Abs(residual) > NoCovariance * Math.Sqrt(own * covariance[i, i]))
                    throw Refusal($"it is not positive semidefinite: {factors[j]} has no variance of its own but a covariance of {residual:R} with {factors[i]}");
            }
        }

        return lower;
    }

    private static double Residual(FactorCovariance covariance, double[] lower, int i, int j)
    {
        var n = covariance.Factors.Length;
        var sum = covariance[i, j];
        for (var k = 0; k < j; k++)
            sum -= lower[(i * n) + k] * lower[(j * n) + k];
        return sum;
    }

    private static ValidationException Refusal(string reason) => new("covariance", reason);
}

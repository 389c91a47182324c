namespace RiskGrid.Pricing.Chains;

/// <summary>Cholesky factors of a small dense symmetric matrix, row-major, in place. Written out so that the order of every
/// operation, and so the bits, are this file's: a library's provider may choose by machine.</summary>
internal static class SmallCholesky
{
    /// <summary>Replaces the lower triangle by the factor.</summary>
    /// <exception cref="ArithmeticException">The matrix is not positive definite: the data does not determine the coefficients.</exception>
    public static void Factor(double[] matrix, int n)
    {
        for (var j = 0; j < n; j++)
        {
            for (var i = j; i < n; i++)
            {
                var sum = matrix[(i * n) + j];
                for (var k = 0; k < j; k++)
                    sum -= matrix[(i * n) + k] * matrix[(j * n) + k];
                if (i > j)
                    matrix[(i * n) + j] = sum / matrix[(j * n) + j];
                else if (sum > 0)
                    matrix[(j * n) + j] = Math.Sqrt(sum);
                else
                    throw new ArithmeticException("The observations do not determine every coefficient of the fit.");
            }
        }
    }

    /// <summary>Replaces <paramref name="right"/> by the solution.</summary>
    public static void Solve(double[] factor, int n, double[] right)
    {
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
                right[i] -= factor[(i * n) + k] * right[k];
            right[i] /= factor[(i * n) + i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
                right[i] -= factor[(k * n) + i] * right[k];
            right[i] /= factor[(i * n) + i];
        }
    }
}

namespace RiskGrid.Risk;

/// <summary>Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations, in one fixed order.</summary>
/// <remarks>G. H. Golub and C. F. Van Loan, Matrix Computations (4th edition 2013), section 8.5. O(n³) a sweep, about eight sweeps.</remarks>
internal static class SymmetricEigen
{
    private const int Sweeps = 60;

    /// <param name="matrix">n × n, row by row; overwritten, its diagonal holds the eigenvalues afterwards.</param>
    /// <param name="n">The size.</param>
    /// <returns>The eigenvectors, one a row.</returns>
    public static double[] Of(double[] matrix, int n)
    {
        var vectors = new double[n * n];
        for (var i = 0; i < n; i++)
            vectors[(i * n) + i] = 1;
        for (var sweep = 0; sweep < Sweeps && !IsDiagonal(matrix, n); sweep++)
        {
            for (var p = 0; p < n - 1; p++)
            {
                for (var q = p + 1; q < n; q++)
                    Rotate(matrix, vectors, n, p, q);
            }
        }

        return vectors;
    }

    private static bool IsDiagonal(double[] a, int n)
    {
        var (off, all) = (0.0, 0.0);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var square = a[(i * n) + j] * a[(i * n) + j];
                all += square;
                if (i != j)
                    off += square;
            }
        }

        return off <= 1e-34 * all;
    }

    private static void Rotate(double[] a, double[] vectors, int n, int p, int q)
    {
        var apq = a[(p * n) + q];
        if (apq == 0)
            return;
        var theta = (a[(q * n) + q] - a[(p * n) + p]) / (2 * apq);
        var t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(1 + (theta * theta)));
        var cosine = 1 / Math.Sqrt(1 + (t * t));
        var sine = t * cosine;
        a[(p * n) + p] -= t * apq;
        a[(q * n) + q] += t * apq;
        a[(p * n) + q] = a[(q * n) + p] = 0;
        for (var k = 0; k < n; k++)
        {
            var (kp, kq) = (vectors[(p * n) + k], vectors[(q * n) + k]);
            vectors[(p * n) + k] = (cosine * kp) - (sine * kq);
            vectors[(q * n) + k] = (sine * kp) + (cosine * kq);
            if (k == p || k == q)
                continue;
            (kp, kq) = (a[(p * n) + k], a[(q * n) + k]);
            a[(p * n) + k] = a[(k * n) + p] = (cosine * kp) - (sine * kq);
            a[(q * n) + k] = a[(k * n) + q] = (sine * kp) + (cosine * kq);
        }
    }
}

namespace RiskGrid.Risk;

/// <summary>Products of square matrices, row by row, each sum in the order of its index.</summary>
internal static class Matrix
{
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    public static double[] Times(double[] matrix, double[] vector, int n)
    {
        var product = new double[n];
        for (var i = 0; i < n; i++)
            product[i] = Dot(matrix.AsSpan(i * n, n), vector);
        return product;
    }

    public static double[] Product(double[] a, double[] b, int n)
    {
        var product = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            var row = product.AsSpan(i * n, n);
            for (var k = 0; k < n; k++)
            {
                var factor = a[(i * n) + k];
                for (var j = 0; factor != 0 && j < n; j++)
                    row[j] += factor * b[(k * n) + j];
            }
        }

        return product;
    }

    /// <summary>A·B'.</summary>
    public static double[] ProductWithTransposed(double[] a, double[] b, int n)
    {
        var product = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                product[(i * n) + j] = Dot(a.AsSpan(i * n, n), b.AsSpan(j * n, n));
        }

        return product;
    }

    public static double Trace(double[] matrix, int n)
    {
        var sum = 0.0;
        for (var i = 0; i < n; i++)
            sum += matrix[(i * n) + i];
        return sum;
    }

    public static double TraceOfProduct(double[] a, double[] b, int n)
    {
        var sum = 0.0;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                sum += a[(i * n) + j] * b[(j * n) + i];
        }

        return sum;
    }
}

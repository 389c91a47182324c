namespace RiskGrid.Risk;

/// <content>The distribution of the quadratic P&amp;L itself, and whether Σ is a covariance.</content>
public sealed partial class DeltaGamma
{
    // Of the largest eigenvalue of the correlations: a covariance that was printed with eight digits may be this far from semidefinite.
    private const double Indefinite = 1e-8;

    private readonly Lazy<(double[] Values, double[] Vectors)> _spectrum;

    /// <summary>The smallest eigenvalue of the correlations of Σ over their largest: below −1e-8 Σ is not positive semidefinite, and no
    /// covariance.</summary>
    public double SmallestEigenvalueRatio
    {
        get
        {
            var (values, _) = _spectrum.Value;
            var (smallest, largest) = (values[0], values[0]);
            foreach (var value in values)
                (smallest, largest) = (Math.Min(smallest, value), Math.Max(largest, Math.Abs(value)));
            return largest > 0 ? smallest / largest : 0;
        }
    }

    /// <summary>True when Σ is positive semidefinite within 1e-8 of the largest eigenvalue of its correlations.</summary>
    public bool IsCovariance => SmallestEigenvalueRatio >= -Indefinite;

    /// <summary>The combination of factors, in standard deviations and of length 1, whose variance comes out smallest: what contradicts
    /// itself where Σ is no covariance.</summary>
    public double[] WorstCombination()
    {
        var (values, vectors) = _spectrum.Value;
        var worst = 0;
        for (var i = 1; i < _n; i++)
        {
            if (values[i] < values[worst])
                worst = i;
        }

        return vectors[(worst * _n)..((worst + 1) * _n)];
    }

    /// <summary>The quantile of the quadratic P&amp;L itself, by inversion of its characteristic function (<see cref="QuadraticForm"/>).</summary>
    /// <returns>Null where Σ is no covariance, there are more factors than <see cref="MostFactorsForExact"/>, or the inversion does not
    /// converge.</returns>
    public ParametricMeasure? Exact(NormalLevel level)
    {
        if (_n > MostFactorsForExact || !IsCovariance)
            return null;
        var losses = Losses();
        if (losses.Quantile(level.Beyond) is not { } quantile || losses.Excess(quantile) is not { } excess)
            return null;
        return new ParametricMeasure(quantile, quantile + (excess / level.Beyond));
    }

    /// <summary>−P&amp;L in independent normals: x = Cz with CC' = Σ, ½C'ΓC = U'diag(λ)U, b = UC'δ.</summary>
    private QuadraticForm Losses()
    {
        var (values, vectors) = _spectrum.Value;
        var root = new double[_n * _n];
        for (var k = 0; k < _n; k++)
        {
            var deviation = Math.Sqrt(Math.Max(0, values[k]));
            for (var i = 0; i < _n; i++)
                root[(k * _n) + i] = vectors[(k * _n) + i] * deviation * Scale(i);
        }

        // Rows of root are the columns of C.
        var gammaRoot = Matrix.ProductWithTransposed(root, _gamma, _n);
        var form = Matrix.ProductWithTransposed(gammaRoot, root, _n);
        for (var i = 0; i < form.Length; i++)
            form[i] *= -0.5;
        for (var i = 0; i < _n; i++)
        {
            for (var j = 0; j < i; j++)
                form[(i * _n) + j] = form[(j * _n) + i];
        }

        var directions = SymmetricEigen.Of(form, _n);
        var linear = Matrix.Times(directions, Matrix.Times(root, _delta, _n), _n);
        var quadratic = new double[_n];
        for (var j = 0; j < _n; j++)
            quadratic[j] = form[(j * _n) + j];
        return new QuadraticForm(linear, quadratic);
    }

    private (double[] Values, double[] Vectors) Spectrum()
    {
        var matrix = new double[_n * _n];
        for (var i = 0; i < _n; i++)
        {
            for (var j = 0; j < _n; j++)
                matrix[(i * _n) + j] = _covariance[(i * _n) + j] / Scale(i) / Scale(j);
        }

        var vectors = SymmetricEigen.Of(matrix, _n);
        var values = new double[_n];
        for (var i = 0; i < _n; i++)
            values[i] = matrix[(i * _n) + i];
        return (values, vectors);
    }

    /// <summary>A factor's volatility, so that units do not matter; 1 where there is none, which leaves a contradiction visible.</summary>
    private double Scale(int factor) => _covariance[(factor * _n) + factor] is > 0 and var variance ? Math.Sqrt(variance) : 1;
}

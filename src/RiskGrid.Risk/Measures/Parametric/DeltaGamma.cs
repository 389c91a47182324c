namespace RiskGrid.Risk;

/// <summary>Parametric value at risk of P&amp;L = δ'x + ½x'Γx with factor moves x jointly normal, mean zero, covariance Σ.</summary>
/// <remarks>
/// P. Jorion, Value at Risk (3rd edition 2007), chapters 7 and 10; J. C. Hull, Options, Futures, and Other Derivatives, on the linear
/// and the quadratic model. δ is in currency per unit of the factor's move, Γ in currency per unit squared, Σ in units squared over the
/// horizon. Cumulants of the P&amp;L: mean ½tr(ΓΣ), variance δ'Σδ + ½tr((ΓΣ)²), third 3δ'ΣΓΣδ + tr((ΓΣ)³), fourth 12δ'Σ(ΓΣ)²δ + 3tr((ΓΣ)⁴).
/// Measures are positive for a loss. Immutable and thread-safe; sums in the order of the factors.
/// </remarks>
public sealed partial class DeltaGamma
{
    /// <summary>The most factors for which the exact distribution is computed: its eigenvalues take time in the cube of their number.</summary>
    public const int MostFactorsForExact = 400;

    private readonly int _n;
    private readonly double[] _delta;
    private readonly double[] _gamma;
    private readonly double[] _covariance;

    // Σδ, ΓΣ, and ΣΓΣ, row by row.
    private readonly double[] _covarianceDelta;
    private readonly double[] _gammaCovariance;
    private readonly double[] _covarianceGammaCovariance;

    /// <summary>Takes the sensitivities and the covariance in one order of the factors.</summary>
    /// <param name="delta">δ, n of them.</param>
    /// <param name="gamma">Γ, n × n, symmetric, row by row.</param>
    /// <param name="covariance">Σ, n × n, symmetric and positive semidefinite, row by row.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, a number is not finite, or a matrix is not symmetric.</exception>
    public DeltaGamma(ReadOnlySpan<double> delta, ReadOnlySpan<double> gamma, ReadOnlySpan<double> covariance)
    {
        _n = delta.Length;
        if (_n == 0)
            throw new ArgumentException("there is no factor");
        (_delta, _gamma, _covariance) = (delta.ToArray(), Symmetric(gamma, _n, "gamma"), Symmetric(covariance, _n, "covariance"));
        foreach (var value in _delta)
        {
            if (!double.IsFinite(value))
                throw new ArgumentException("a delta is not a finite number");
        }

        _spectrum = new Lazy<(double[] Values, double[] Vectors)>(Spectrum);
        _covarianceDelta = Matrix.Times(_covariance, _delta, _n);
        _gammaCovariance = Matrix.Product(_gamma, _covariance, _n);
        _covarianceGammaCovariance = Matrix.Product(_covariance, _gammaCovariance, _n);
        var squared = Matrix.Product(_gammaCovariance, _gammaCovariance, _n);
        LinearVariance = Math.Max(0, Matrix.Dot(_delta, _covarianceDelta));
        Mean = 0.5 * Matrix.Trace(_gammaCovariance, _n);
        Variance = LinearVariance + Math.Max(0, 0.5 * Matrix.Trace(squared, _n));
        if (!double.IsFinite(Variance))
            throw new ArgumentException("the variance of the P&L is beyond what a double holds");

        // ΓΣδ = Γ(Σδ), then cumulants of order three and four.
        var gammaDelta = Matrix.Times(_gamma, _covarianceDelta, _n);
        var third = (3 * Matrix.Dot(_covarianceDelta, gammaDelta)) + Matrix.TraceOfProduct(squared, _gammaCovariance, _n);
        var fourth = (12 * Matrix.Dot(gammaDelta, Matrix.Times(_covariance, gammaDelta, _n))) + (3 * Matrix.TraceOfProduct(squared, squared, _n));
        Skewness = Variance > 0 ? third / (Variance * Math.Sqrt(Variance)) : 0;
        ExcessKurtosis = Variance > 0 ? fourth / Variance / Variance : 0;
    }

    /// <summary>E[P&amp;L].</summary>
    public double Mean { get; }

    /// <summary>Var[P&amp;L].</summary>
    public double Variance { get; }

    /// <summary>δ'Σδ, the variance without gamma.</summary>
    public double LinearVariance { get; }

    /// <summary>The skewness of the P&amp;L: negative for a short-gamma position. Zero when nothing moves.</summary>
    public double Skewness { get; }

    /// <summary>The kurtosis of the P&amp;L, less the 3 of a normal one. Zero when nothing moves.</summary>
    public double ExcessKurtosis { get; }

    /// <summary>True when Cornish and Fisher's expansion is a quantile function at these moments.</summary>
    public bool IsCornishFisherMonotone => CornishFisher.IsMonotone(-Skewness, ExcessKurtosis);

    /// <summary>Without gamma: zσ, σ² = δ'Σδ.</summary>
    public ParametricMeasure DeltaNormal(NormalLevel level)
    {
        var deviation = Math.Sqrt(LinearVariance);
        return new ParametricMeasure(level.Z * deviation, level.Shortfall * deviation);
    }

    /// <summary>A normal distribution with the mean and the variance of the quadratic P&amp;L.</summary>
    public ParametricMeasure DeltaGammaNormal(NormalLevel level)
    {
        var deviation = Math.Sqrt(Variance);
        return new ParametricMeasure((level.Z * deviation) - Mean, (level.Shortfall * deviation) - Mean);
    }

    /// <summary>Cornish and Fisher's expansion with all four moments; see <see cref="IsCornishFisherMonotone"/>.</summary>
    public ParametricMeasure CornishFisherExpansion(NormalLevel level)
    {
        var deviation = Math.Sqrt(Variance);
        return new ParametricMeasure(
            (CornishFisher.Quantile(level.Z, -Skewness, ExcessKurtosis) * deviation) - Mean,
            (CornishFisher.Shortfall(level, -Skewness, ExcessKurtosis) * deviation) - Mean);
    }

    private static double[] Symmetric(ReadOnlySpan<double> matrix, int n, string name)
    {
        if (matrix.Length != (long)n * n)
            throw new ArgumentException($"{name} holds {matrix.Length} numbers and must hold {n} × {n}");
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                if (!double.IsFinite(matrix[(i * n) + j]) || matrix[(i * n) + j] != matrix[(j * n) + i])
                    throw new ArgumentException($"{name} is not a symmetric matrix of finite numbers: see row {i}, column {j}");
            }
        }

        return matrix.ToArray();
    }
}

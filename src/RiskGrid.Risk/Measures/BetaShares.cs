namespace RiskGrid.Risk;

/// <summary>How Harrell and Davis's beta distributions share themselves out over the scenarios of a P&amp;L vector in ascending order of
/// its losses.</summary>
/// <remarks>
/// The quantile at level p has parameters ((n + 1)p, (n + 1)(1 − p)), n the (effective) number of scenarios. The mean of the quantiles
/// over the levels from q to 1 is integrated in s = √(1 − p), where the standard deviation of the beta distribution is nearly constant,
/// by 16-point Gauss-Legendre panels of at most four of them; the error of a weight is below 1e-12 (tested).
/// </remarks>
internal sealed class BetaShares
{
    // A beta distribution is 0 or 1 to less than 1e-15 so many standard deviations, and so many scenarios more, from its mean: near the
    // ends its tail is exponential in scenarios and not normal.
    private const double ReachDeviations = 10;
    private const double ReachScenarios = 50;

    // From so many scenarios per standard deviation on, three points a scenario integrate the density to 1e-13.
    private const double DenseFrom = 16;

    // The three-point Gauss-Legendre rule on [0, 1].
    private const double OuterNode = 0.11270166537925831148;
    private const double OuterWeight = 5.0 / 18;
    private const double InnerWeight = 8.0 / 18;

    private readonly (double Low, double High)[]? _below;
    private readonly double _q;
    private readonly double _beyond;

    /// <summary>Equally weighted scenarios.</summary>
    public BetaShares(int count, double effective, double q, double beyond) => (Count, Effective, _q, _beyond) = (count, effective, q, beyond);

    /// <summary>Scenarios with the share of the weight below each (and from it on, which is 1 less that).</summary>
    public BetaShares((double Low, double High)[] below, double effective, double q, double beyond)
        : this(below.Length, effective, q, beyond) => _below = below;

    /// <summary>How many scenarios there are.</summary>
    public int Count { get; }

    /// <summary>Their effective number.</summary>
    public double Effective { get; }

    /// <summary>The quantile's distribution function at the end of the first <paramref name="scenarios"/>.</summary>
    public double QuantileBelow(int scenarios) => Below(scenarios, _q, _beyond);

    /// <summary>The weights of the losses from <paramref name="first"/> on in the quantile.</summary>
    public double[] Quantile(int first)
    {
        var weights = new double[Count - first];
        Add(weights, first, _q, _beyond, 1);
        return weights;
    }

    /// <summary>Their weights in the mean of the quantiles over the levels from q to 1.</summary>
    public double[] TailMean(int first)
    {
        var weights = new double[Count - first];
        var end = Math.Sqrt(_beyond);
        var panels = (int)Math.Ceiling(end * Math.Sqrt(Effective + 2) / (2 * Math.Sqrt(_q)));
        var half = end / (2 * panels);
        for (var panel = 0; panel < panels; panel++)
        {
            var middle = ((2 * panel) + 1) * half;
            for (var node = 0; node < GaussLegendre.Nodes.Length; node++)
            {
                var weight = GaussLegendre.Weights[node] * half * 2 / _beyond;
                foreach (var s in (ReadOnlySpan<double>)[middle - (half * GaussLegendre.Nodes[node]), middle + (half * GaussLegendre.Nodes[node])])
                    Add(weights, first, 1 - (s * s), s * s, weight * s);
            }
        }

        return weights;
    }

    /// <summary>Adds the shares at one level, times a factor.</summary>
    private void Add(double[] weights, int first, double level, double beyond, double factor)
    {
        var deviation = Math.Sqrt(level * beyond / (Effective + 2));
        if (_below is null && deviation * Count >= DenseFrom)
        {
            AddDense(weights, first, level, beyond, deviation, factor);
            return;
        }

        var (from, to) = Window(first, level, deviation);
        var below = from == first ? 0 : Below(from, level, beyond);
        for (var i = from; i < to; i++)
        {
            var next = i + 1 == Count ? 1 : Below(i + 1, level, beyond);
            weights[i - first] += factor * (next - below);
            below = next;
        }
    }

    private void AddDense(double[] weights, int first, double level, double beyond, double deviation, double factor)
    {
        var (a, b) = ((Effective + 1) * level, (Effective + 1) * beyond);
        var (from, to) = Window(first, level, deviation);
        var scale = StirlingError.BetaScale(a, b);
        for (var i = from; i < to; i++)
        {
            weights[i - first] += factor * ((OuterWeight * (Density(i + OuterNode, a, b, scale) + Density(i + 1 - OuterNode, a, b, scale)))
                + (InnerWeight * Density(i + 0.5, a, b, scale)));
        }
    }

    private (int From, int To) Window(int first, double level, double deviation)
    {
        var reach = (ReachDeviations * deviation) + (ReachScenarios / Effective);
        return (Math.Max(first, Position(level - reach)), Math.Min(Count, Position(level + reach) + 1));
    }

    /// <summary>The density over one scenario's width at a position counted in scenarios.</summary>
    private double Density(double position, double a, double b, double scale)
    {
        var (x, y) = (position / Count, (Count - position) / Count);
        return StirlingError.BetaTerm(a, b, x, y, scale) / (x * y * Count);
    }

    private double Below(int scenarios, double level, double beyond)
    {
        if (scenarios >= Count)
            return 1;
        var (x, y) = _below is null ? ((double)scenarios / Count, (double)(Count - scenarios) / Count) : _below[scenarios];
        return BetaFunction.Lower((Effective + 1) * level, (Effective + 1) * beyond, x, y);
    }

    /// <summary>The scenario in whose share a level lies.</summary>
    private int Position(double level)
    {
        if (level <= 0)
            return 0;
        if (level >= 1)
            return Count - 1;
        if (_below is null)
            return (int)(level * Count);
        var (low, high) = (0, Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_below[middle].Low <= level)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }
}

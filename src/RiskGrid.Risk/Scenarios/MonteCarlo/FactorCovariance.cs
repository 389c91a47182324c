using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>The covariance of factors' moves, in ordinal order of the factors. Immutable, thread-safe.</summary>
public sealed class FactorCovariance
{
    private readonly double[] _values;

    private FactorCovariance(ImmutableArray<FactorName> factors, double[] values, int observations) =>
        (Factors, _values, Observations) = (factors, values, observations);

    /// <summary>The factors, in ordinal order.</summary>
    public ImmutableArray<FactorName> Factors { get; }

    /// <summary>The symmetric matrix, row by row, in the units of the factors' moves: log returns or absolute changes.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>How many joint moves it was taken from; zero when it was given.</summary>
    public int Observations { get; }

    /// <summary>The covariance of two factors by position.</summary>
    public double this[int first, int second] => _values[(first * Factors.Length) + second];

    /// <summary>Σ w·x·xᵀ over the scenarios of a historical set with its weights, the mean taken as zero: a daily mean is small against its own
    /// error. J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th edition (1996), section 5.3.1.1 and table 5.2 (exponential weights).</summary>
    /// <exception cref="ValidationException">The set has fewer than two scenarios.</exception>
    public static FactorCovariance Of(HistoricalScenarioSet set)
    {
        if (set.Count < 2)
            throw new ValidationException("drivers", $"a covariance needs at least two valid days; there is {set.Count}");
        var n = set.Drivers.Length;
        var values = new double[n * n];
        var block = set.Block(0, set.Count);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
                values[(i * n) + j] = values[(j * n) + i] = Sum(block.Moves(i), block.Moves(j), set.Weights);
        }

        return new FactorCovariance(set.Drivers, values, set.Count);
    }

    /// <summary>A given matrix.</summary>
    /// <param name="factors">Its factors, in ordinal order.</param>
    /// <param name="values">The symmetric matrix, row by row.</param>
    /// <exception cref="ValidationException">The factors are not in order, the matrix is not square or not symmetric, or holds a value that is not
    /// finite.</exception>
    public static FactorCovariance From(IEnumerable<FactorName> factors, ReadOnlySpan<double> values)
    {
        var names = factors.ToImmutableArray();
        var n = names.Length;
        for (var i = 1; i < n; i++)
        {
            if (names[i - 1].CompareTo(names[i]) >= 0)
                throw new ValidationException("covariance", $"{names[i]} does not come after {names[i - 1]} in ordinal order");
        }

        if (values.Length != (long)n * n)
            throw new ValidationException("covariance", $"{n} factors need {(long)n * n} values, not {values.Length}");
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                if (!double.IsFinite(values[(i * n) + j]))
                    throw new ValidationException("covariance", $"the covariance of {names[i]} and {names[j]} is not a finite number");
                if (values[(i * n) + j] != values[(j * n) + i])
                    throw new ValidationException("covariance", $"the covariances of {names[i]} with {names[j]} and of {names[j]} with {names[i]} differ");
            }
        }

        return new FactorCovariance(names, values.ToArray(), 0);
    }

    /// <summary>The covariance over several days that move independently and alike: times <paramref name="days"/>.</summary>
    public FactorCovariance Over(int days)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        return days == 1 ? this : new FactorCovariance(Factors, [.. _values.Select(v => days * v)], Observations);
    }

    // Equal weights divide once at the end: the sum of n equal weights is not one to the bit.
    private static double Sum(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        if (weights.IsEmpty)
        {
            for (var s = 0; s < x.Length; s++)
                sum += x[s] * y[s];
            return sum / x.Length;
        }

        for (var s = 0; s < x.Length; s++)
            sum += weights[s] * (x[s] * y[s]);
        return sum;
    }
}

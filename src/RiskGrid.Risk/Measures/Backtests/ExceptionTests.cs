namespace RiskGrid.Risk;

/// <summary>A likelihood ratio and how likely it is to be as large by chance.</summary>
/// <param name="Statistic">−2 ln of the ratio, zero or above.</param>
/// <param name="DegreesOfFreedom">Of the chi-square distribution that it has asymptotically.</param>
/// <param name="IsDefined">False where the data can't tell: the statistic is then 0 and the p-value 1.</param>
public readonly record struct LikelihoodRatio(double Statistic, int DegreesOfFreedom, bool IsDefined = true)
{
    /// <summary>P(χ² &gt; statistic).</summary>
    public double PValue => ChiSquare.Survival(Statistic, DegreesOfFreedom);
}

/// <summary>How many days followed which: n₀₁ is the number of days with an exception after a day without.</summary>
public readonly record struct ExceptionTransitions(long FromQuietToQuiet, long FromQuietToException, long FromExceptionToQuiet, long FromExceptionToException)
{
    /// <summary>Counts them in a series in time order.</summary>
    public static ExceptionTransitions Of(ReadOnlySpan<bool> exceptions)
    {
        Span<long> counts = stackalloc long[4];
        for (var t = 1; t < exceptions.Length; t++)
            counts[(exceptions[t - 1] ? 2 : 0) + (exceptions[t] ? 1 : 0)]++;
        return new ExceptionTransitions(counts[0], counts[1], counts[2], counts[3]);
    }
}

/// <summary>Tests of the number and of the timing of value-at-risk exceptions. 0·ln 0 is 0 throughout, so that no exceptions and
/// nothing but exceptions have their values.</summary>
public static class ExceptionTests
{
    /// <summary>Proportion of failures: LR = −2 ln[(1−p)^(N−x) pˣ / ((1−x/N)^(N−x) (x/N)ˣ)], one degree of freedom.</summary>
    /// <remarks>P. H. Kupiec, "Techniques for verifying the accuracy of risk measurement models", The Journal of Derivatives 3 (1995),
    /// p. 73; P. Jorion, Value at Risk (3rd edition 2007), section 6.2.</remarks>
    /// <param name="observations">N, above zero.</param>
    /// <param name="exceptions">x, between 0 and N.</param>
    /// <param name="probability">p, what an exception should have on a day: 1 − confidence; between 0 and 1.</param>
    /// <exception cref="ArgumentException">A count or the probability is outside its range.</exception>
    public static LikelihoodRatio Kupiec(long observations, long exceptions, double probability)
    {
        Check(observations, exceptions, probability);
        var quiet = observations - exceptions;
        var statistic = StirlingError.Deviance(exceptions, observations * probability) + StirlingError.Deviance(quiet, observations * (1 - probability));
        return new LikelihoodRatio(2 * statistic, 1);
    }

    /// <summary>Independence: whether an exception is as likely the day after one as on other days; one degree of freedom.</summary>
    /// <remarks>P. F. Christoffersen, "Evaluating interval forecasts", International Economic Review 39 (1998), section 3.2. Where no
    /// day follows an exception, or none a quiet day, the two can't be compared: not defined, statistic 0.</remarks>
    /// <exception cref="ArgumentException">A count is negative, or there are none.</exception>
    public static LikelihoodRatio Independence(ExceptionTransitions transitions)
    {
        var (n00, n01, n10, n11) = transitions;
        if (n00 < 0 || n01 < 0 || n10 < 0 || n11 < 0)
            throw new ArgumentException("a number of transitions is negative");
        double quiet = n00 + n01, after = n10 + n11, all = quiet + after;
        if (all == 0)
            throw new ArgumentException("there is no transition: at least two days are needed");
        var rate = (n01 + n11) / all;
        var statistic = StirlingError.Deviance(n00, quiet * (1 - rate)) + StirlingError.Deviance(n01, quiet * rate)
            + StirlingError.Deviance(n10, after * (1 - rate)) + StirlingError.Deviance(n11, after * rate);
        return new LikelihoodRatio(2 * statistic, 1, quiet > 0 && after > 0);
    }

    /// <summary>Conditional coverage: the two ratios added, two degrees of freedom.</summary>
    /// <remarks>Christoffersen (1998), section 3.3: exact when the coverage is tested on the transitions; with all N days the first day
    /// counts in one of the two only, as in Jorion's section 6.2.</remarks>
    public static LikelihoodRatio ConditionalCoverage(LikelihoodRatio coverage, LikelihoodRatio independence) =>
        new(coverage.Statistic + independence.Statistic, coverage.DegreesOfFreedom + independence.DegreesOfFreedom, coverage.IsDefined && independence.IsDefined);

    internal static void Check(long observations, long exceptions, double probability)
    {
        if (observations <= 0)
            throw new ArgumentException($"{observations} observations can't be tested; at least one is needed");
        if (exceptions < 0 || exceptions > observations)
            throw new ArgumentException($"{exceptions} exceptions of {observations} observations: between 0 and {observations} are possible");
        if (!(probability > 0 && probability < 1))
            throw new ArgumentException($"the probability of an exception is {probability:R}; it lies between 0 and 1, both excluded");
    }
}

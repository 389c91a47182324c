using RiskGrid.Kernels;

namespace RiskGrid.Risk;

/// <summary>A confidence interval of a quantile from the ranks of a Monte Carlo sample: between two order statistics, whatever the
/// distribution.</summary>
/// <param name="Lower">Position (from zero, ascending) of the loss at the lower end; −1 where the sample is too small to have one.</param>
/// <param name="Upper">Position of the loss at the upper end; N where the sample is too small to have one.</param>
/// <param name="Coverage">The probability that the interval contains the quantile: exact for independent paths and a continuous
/// distribution, at least the level asked for where both ends exist; for antithetic pairs the level itself, which holds
/// asymptotically.</param>
public readonly record struct RankInterval(int Lower, int Upper, double Coverage)
{
    /// <summary>Independent paths: how many losses lie below the quantile is binomial (N, q).</summary>
    /// <remarks>H. A. David and H. N. Nagaraja, Order Statistics (3rd edition 2003), section 7.1.</remarks>
    /// <param name="scenarios">N, above zero.</param>
    /// <param name="confidence">q of the value at risk, between 0 and 1.</param>
    /// <param name="level">The level of the interval, between 0 and 1, with equal shares left out on both sides.</param>
    /// <exception cref="ArgumentException">N is not above zero.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A level is not between 0 and 1.</exception>
    public static RankInterval Independent(int scenarios, decimal confidence, double level = 0.95)
    {
        _ = TailMeasures.TailIndex(scenarios, confidence);
        CheckLevel(level);
        var (q, leftOut) = ((double)confidence, 0.5 * (1 - level));

        // L[r] ≤ quantile when more than r losses lie below it. The largest r with P(Bin ≤ r) ≤ α/2, the smallest with P(Bin > r) ≤ α/2.
        var lower = Search(scenarios, r => Binomial.Cdf(r, scenarios, q) > leftOut) - 1;
        var upper = Search(scenarios, r => Binomial.Survival(r, scenarios, q) <= leftOut);
        return new RankInterval(lower, upper, 1 - Binomial.Survival(upper, scenarios, q) - Binomial.Cdf(lower, scenarios, q));
    }

    /// <summary>Antithetic pairs: the pairs are independent, and the variance of the number of exceedances is estimated from how many
    /// pairs have both paths in the tail: k + 2c − k²/M.</summary>
    /// <remarks>The pair as the unit that repeats independently: P. Glasserman, Monte Carlo Methods in Financial Engineering (2004),
    /// section 4.2. The ends are q·N ± z times the root of that variance, rounded outwards.</remarks>
    /// <param name="scenarios">N = 2M paths, even.</param>
    /// <param name="confidence">q of the value at risk.</param>
    /// <param name="exceedances">k, how many losses are at or beyond the value at risk.</param>
    /// <param name="pairsInTail">c, in how many pairs both are.</param>
    /// <param name="level">The level of the interval.</param>
    /// <exception cref="ArgumentException">The counts contradict each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A level is not between 0 and 1.</exception>
    public static RankInterval Antithetic(int scenarios, decimal confidence, int exceedances, int pairsInTail, double level = 0.95)
    {
        _ = TailMeasures.TailIndex(scenarios, confidence);
        CheckLevel(level);
        if (scenarios % 2 != 0)
            throw new ArgumentException($"{scenarios} paths are no pairs", nameof(scenarios));
        if (exceedances < 0 || exceedances > scenarios || pairsInTail < 0 || 2L * pairsInTail > exceedances)
            throw new ArgumentException($"{pairsInTail} pairs can't both lie among {exceedances} exceedances of {scenarios} paths", nameof(pairsInTail));
        var k = (double)exceedances;
        var variance = k + (2.0 * pairsInTail) - (k * k / (scenarios / 2));
        var reach = -Elementary.InverseNormalCdf(0.5 * (1 - level)) * Math.Sqrt(Math.Max(0, variance));
        var centre = (double)(confidence * scenarios);
        return new RankInterval(
            (int)Math.Max(-1, Math.Floor(centre - reach) - 1), (int)Math.Min(scenarios, Math.Ceiling(centre + reach)), level);
    }

    /// <summary>How many of the largest losses hold the lower end of the interval: whatever the pairs turn out to be, when antithetic.</summary>
    /// <inheritdoc cref="Independent"/>
    public static int TailNeeded(int scenarios, decimal confidence, bool antithetic, double level = 0.95)
    {
        var lower = antithetic
            ? Antithetic(scenarios, confidence, Exceedances(scenarios, confidence), Exceedances(scenarios, confidence) / 2, level).Lower
            : Independent(scenarios, confidence, level).Lower;
        return scenarios - Math.Max(0, lower);
    }

    private static int Exceedances(int scenarios, decimal confidence) => scenarios - TailMeasures.TailIndex(scenarios, confidence);

    /// <summary>The first position from 0 at which a condition that never turns false again holds; N when it holds nowhere.</summary>
    private static int Search(int scenarios, Func<int, bool> holds)
    {
        var (low, high) = (0, scenarios);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (holds(middle))
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private static void CheckLevel(double level)
    {
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "the level of an interval lies between 0 and 1, both excluded");
    }
}

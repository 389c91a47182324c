namespace RiskGrid.Risk;

/// <summary>The standard error of an expected shortfall by Monte Carlo, floor rule.</summary>
/// <remarks>
/// With Y = max(L − VaR, 0) the shortfall is VaR + mean(Y)/(1 − q), and to first order the error of the VaR in it cancels:
/// Var ES = Var(Y)/((1 − q)²N), which is [Var(L | tail) + q(ES − VaR)²]/((1 − q)N) of B. J. Manistre and G. H. Hancock,
/// "Variance of the CTE estimator", North American Actuarial Journal 9 (2005), p. 129. For antithetic pairs the variance is that of the
/// sums of pairs, which are independent.
/// </remarks>
public static class ShortfallError
{
    /// <summary>Independent paths.</summary>
    /// <param name="tail">The losses from the value at risk on, ascending: ⌊qN⌋ to the end.</param>
    /// <param name="scenarios">N.</param>
    /// <param name="confidence">q.</param>
    /// <returns>In the unit of the losses; zero where the tail is one loss only, which shows no error.</returns>
    /// <exception cref="ArgumentException">The tail does not begin at ⌊qN⌋.</exception>
    public static double Independent(ReadOnlySpan<double> tail, int scenarios, decimal confidence) => Of(tail, scenarios, confidence, scenarios, 0);

    /// <summary>Antithetic pairs.</summary>
    /// <param name="tail">The losses from the value at risk on, ascending.</param>
    /// <param name="scenarios">N = 2M paths.</param>
    /// <param name="confidence">q.</param>
    /// <param name="pairProducts">Σ of (Lₐ − VaR)·(L_b − VaR) over the pairs with both paths in the tail (<see cref="AntitheticPairs"/>).</param>
    /// <inheritdoc cref="Independent"/>
    public static double Antithetic(ReadOnlySpan<double> tail, int scenarios, decimal confidence, double pairProducts) =>
        Of(tail, scenarios, confidence, scenarios / 2, pairProducts);

    private static double Of(ReadOnlySpan<double> tail, int scenarios, decimal confidence, int batches, double pairProducts)
    {
        if (tail.Length != scenarios - TailMeasures.TailIndex(scenarios, confidence))
            throw new ArgumentException($"a tail of {tail.Length} losses is not that of {scenarios} scenarios at {confidence}", nameof(tail));
        var (sum, squares) = (0.0, 0.0);
        foreach (var loss in tail)
        {
            var excess = loss - tail[0];
            sum += excess;
            squares += excess * excess;
        }

        var variance = squares + (2 * pairProducts) - (sum / batches * sum);
        return Math.Sqrt(Math.Max(0, variance)) / ((double)(1 - confidence) * scenarios);
    }
}

/// <summary>Which antithetic pairs have both paths in the tail; path 2k and path 2k + 1 are a pair.</summary>
/// <param name="Both">In how many pairs both paths are.</param>
/// <param name="Products">Σ of (Lₐ − VaR)·(L_b − VaR) over them, in the order in which the second one appears.</param>
public readonly record struct AntitheticPairs(int Both, double Products)
{
    /// <summary>Looks for them.</summary>
    /// <param name="tail">The losses from the value at risk on, ascending.</param>
    /// <param name="paths">The path of each.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static AntitheticPairs In(ReadOnlySpan<double> tail, ReadOnlySpan<int> paths)
    {
        if (tail.Length != paths.Length)
            throw new ArgumentException($"{tail.Length} losses have {paths.Length} paths", nameof(paths));
        var seen = new Dictionary<int, double>(tail.Length);
        var (both, products) = (0, 0.0);
        for (var i = 0; i < tail.Length; i++)
        {
            if (!seen.Remove(paths[i] ^ 1, out var other))
            {
                seen.Add(paths[i], tail[i] - tail[0]);
                continue;
            }

            both++;
            products += other * (tail[i] - tail[0]);
        }

        return new AntitheticPairs(both, products);
    }
}

namespace RiskGrid.Risk;

/// <summary>Value at risk and expected shortfall of a P&amp;L vector of equally weighted scenarios by the floor rule, the house's own.</summary>
/// <remarks>
/// Other rules and scenario weights: <see cref="SortedLosses"/> and <see cref="TailWeights"/>.
/// Convention: losses L = −P&amp;L sorted ascending, zero-based, N of them; VaR = L[⌊qN⌋] with q an exact decimal; ES = the mean of L
/// from that index on. Both are positive for a loss and never floored at zero. Sources: J. C. Hull, Options, Futures, and Other
/// Derivatives, chapter "Value at Risk and Expected Shortfall", historical simulation (the VaR is an order statistic of the scenario
/// losses, the ES the average of the tail); A. J. McNeil, R. Frey and P. Embrechts, Quantitative Risk Management, section on risk
/// measures based on loss distributions (the empirical quantile as an order statistic). Pure functions, thread-safe.
/// </remarks>
public static class TailMeasures
{
    /// <summary>The loss that is exceeded in a fraction 1 − <paramref name="confidence"/> of the scenarios.</summary>
    /// <param name="pnl">P&amp;L per scenario, in any order; not changed.</param>
    /// <param name="confidence">q, above 0 and below 1: 0.99m.</param>
    /// <returns>In the unit of <paramref name="pnl"/>, positive for a loss.</returns>
    /// <exception cref="ArgumentException">The vector is empty or holds a number that is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is not between 0 and 1.</exception>
    public static double ValueAtRisk(ReadOnlySpan<double> pnl, decimal confidence)
    {
        var index = TailIndex(pnl.Length, confidence);
        return Ascending(pnl)[index];
    }

    /// <summary>The mean of the losses from the value at risk on.</summary>
    /// <inheritdoc cref="ValueAtRisk"/>
    public static double ExpectedShortfall(ReadOnlySpan<double> pnl, decimal confidence)
    {
        var weights = TailWeights.Of(pnl.Length, confidence);
        return TailMean(Ascending(pnl), weights);
    }

    /// <summary>Both measures of one vector for the price of one sort, each at its own confidence.</summary>
    /// <inheritdoc cref="ValueAtRisk"/>
    public static (double ValueAtRisk, double ExpectedShortfall) Both(ReadOnlySpan<double> pnl, decimal varConfidence, decimal shortfallConfidence)
    {
        var varIndex = TailIndex(pnl.Length, varConfidence);
        var weights = TailWeights.Of(pnl.Length, shortfallConfidence);
        var losses = Ascending(pnl);
        return (losses[varIndex], TailMean(losses, weights));
    }

    /// <summary>⌊q·N⌋: the position of the value at risk among N losses in ascending order.</summary>
    /// <exception cref="ArgumentException">N is not above zero.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is not between 0 and 1.</exception>
    public static int TailIndex(int scenarios, decimal confidence)
    {
        if (scenarios <= 0)
            throw new ArgumentException("a P&L vector needs at least one scenario", nameof(scenarios));
        if (confidence is <= 0m or >= 1m)
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "a confidence lies between 0 and 1, both excluded");
        return (int)decimal.Floor(confidence * scenarios);
    }

    /// <summary>0 − P&amp;L, refused where it is not finite.</summary>
    // 0 − x and not −x: a P&L of zero is a loss of plus zero, whatever its sign was.
    internal static double Loss(ReadOnlySpan<double> pnl, int scenario) => double.IsFinite(pnl[scenario])
        ? 0.0 - pnl[scenario]
        : throw new ArgumentException($"the P&L of scenario {scenario} is {pnl[scenario]}; only finite numbers have an order", nameof(pnl));

    private static double[] Ascending(ReadOnlySpan<double> pnl)
    {
        var losses = new double[pnl.Length];
        for (var i = 0; i < losses.Length; i++)
            losses[i] = Loss(pnl, i);
        Array.Sort(losses);
        return losses;
    }

    private static double TailMean(double[] losses, TailWeights weights) => weights.ExpectedShortfall(losses.AsSpan(weights.First));
}

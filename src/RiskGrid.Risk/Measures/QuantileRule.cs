namespace RiskGrid.Risk;

/// <summary>Which weights the ordered losses have in a quantile. Losses L = −P&amp;L ascending, numbered from zero, N of them,
/// confidence q.</summary>
public enum QuantileRule
{
    /// <summary>VaR = L[⌊qN⌋], ES = the mean of L from that index on. With scenario weights: the first loss beyond which less than
    /// 1 − q of the weight lies, and the weighted mean from it on.</summary>
    Floor = 0,

    /// <summary>VaR = linear interpolation at position (N − 1)q: type 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical
    /// packages", The American Statistician 50 (1996), p. 363. ES = the mean of these quantiles over the levels from q to 1.</summary>
    Linear = 1,

    /// <summary>VaR = the mean of all losses under the weights I(i/N) − I((i−1)/N), I the beta distribution with parameters (N + 1)q
    /// and (N + 1)(1 − q): F. E. Harrell and C. E. Davis, "A new distribution-free quantile estimator", Biometrika 69 (1982),
    /// p. 636. ES = the mean of these quantiles over the levels from q to 1.</summary>
    HarrellDavis = 2,
}

/// <summary>The names of the rules as commands and files spell them.</summary>
public static class QuantileRules
{
    /// <summary>The names: floor, linear, harrell-davis.</summary>
    public static IReadOnlyList<string> Names { get; } = ["floor", "linear", "harrell-davis"];

    /// <summary>The name of a rule.</summary>
    public static string Name(this QuantileRule rule) => Names[(int)rule];

    /// <summary>The rule with a name; false when there is none.</summary>
    public static bool TryParse(string name, out QuantileRule rule)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            if (!string.Equals(Names[i], name, StringComparison.Ordinal))
                continue;
            rule = (QuantileRule)i;
            return true;
        }

        rule = default;
        return false;
    }
}

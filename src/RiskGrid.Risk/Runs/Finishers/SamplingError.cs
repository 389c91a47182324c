namespace RiskGrid.Risk.Runs;

/// <summary>How far a sample of equally weighted scenarios may be from the truth.</summary>
internal readonly record struct SamplingError(RiskInterval? Interval, double? ShortfallError)
{
    public static SamplingError Of(Tail tail, decimal confidence, QuantileRule rule, decimal level, bool antithetic)
    {
        var scenarios = tail.ScenarioCount;
        var from = TailMeasures.TailIndex(scenarios, confidence) - tail.FirstRank;
        var losses = tail.Losses[from..];
        var pairs = antithetic && scenarios % 2 == 0 ? AntitheticPairs.In(losses, tail.Scenarios[from..]) : (AntitheticPairs?)null;
        var ranks = pairs is { } p
            ? RankInterval.Antithetic(scenarios, confidence, losses.Length, p.Both, (double)level)
            : RankInterval.Independent(scenarios, confidence, (double)level);
        var interval = new RiskInterval(At(tail, ranks.Lower), At(tail, ranks.Upper), level, ranks.Coverage);
        if (rule != QuantileRule.Floor)
            return new SamplingError(interval, ShortfallError: null);
        return new SamplingError(
            interval,
            pairs is { } q ? Risk.ShortfallError.Antithetic(losses, scenarios, confidence, q.Products) : Risk.ShortfallError.Independent(losses, scenarios, confidence));
    }

    private static double? At(Tail tail, int rank) => rank < 0 || rank >= tail.ScenarioCount ? null : tail.Losses[rank - tail.FirstRank];
}

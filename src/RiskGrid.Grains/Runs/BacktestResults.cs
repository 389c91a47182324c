using System.Globalization;
using RiskGrid.Compute;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Runs;

/// <summary>Backtests and P&amp;L attribution, as the wire has them.</summary>
internal static class BacktestResults
{
    /// <summary>Tests every node: the first leg holds the days, the second the bumps.</summary>
    public static async Task FillAsync(
        SiloServices silo, RunContext context, BacktestSpec spec, RunTails[] tails, NodeBases bases, Wire.RunResult result, CancellationToken cancellationToken)
    {
        var options = new BacktestOptions(spec.Days, spec.Window, spec.Confidences, spec.QuantileRule);
        var (days, bumps) = (context.Legs[0].Scenarios, (BumpScenarioSet)context.Legs[1].Scenarios);
        var nodes = new (NodeBacktest Test, PnlAttribution? Attribution)[context.Tree.Nodes.Length];
        await silo.Pool.RunAsync(
            ComputePriority.Run,
            nodes.Length,
            n =>
            {
                var attribution = tails[1].Pnl(n) is { } bumped
                    ? BacktestFinisher.Attribution(tails[0], n, bumps.Sensitivities(bumped.AsSpan()), days, spec.Days)
                    : null;
                nodes[n] = (BacktestFinisher.Node(tails[0], bases, options, n), attribution);
            },
            cancellationToken).ConfigureAwait(false);
        for (var n = 0; n < nodes.Length; n++)
        {
            var (test, attribution) = nodes[n];
            if (test.Failure is not null)
                result.Nodes[n].Failure = test.Failure;
            result.Nodes[n].Backtests.AddRange(test.Measures.Select(m => ToWire(m, days)));
            if (attribution is { } a)
                result.Nodes[n].Attribution = ToWire(a);
        }
    }

    private static Wire.PnlAttribution ToWire(PnlAttribution attribution)
    {
        var wire = new Wire.PnlAttribution
        {
            Observations = (uint)attribution.Days,
            KolmogorovSmirnov = attribution.KolmogorovSmirnov,
            Zone = Name(attribution.Zone),
        };
        if (attribution.Spearman is { } spearman)
            wire.Spearman = spearman;
        return wire;
    }

    private static Wire.BacktestMeasure ToWire(BacktestMeasure measure, ScenarioSet days)
    {
        var wire = new Wire.BacktestMeasure
        {
            Confidence = measure.Confidence.ToString(CultureInfo.InvariantCulture),
            Observations = (uint)measure.Observations,
            Exceptions = (uint)measure.Exceptions.Length,
            ExpectedExceptions = measure.ExpectedExceptions,
            TrafficLight = Name(measure.TrafficLight.Zone),
            TrafficLightProbability = measure.TrafficLight.CumulativeProbability,
            Statistics =
            {
                Ratio("kupiec_pof", measure.Kupiec),
                Ratio("christoffersen_independence", measure.Independence),
                Ratio("conditional_coverage", measure.ConditionalCoverage),
            },
        };
        if (measure.Shortfall is { } shortfall)
        {
            if (shortfall.Z1 is { } z1)
                wire.Statistics.Add(new Wire.TestStatistic { Name = "acerbi_szekely_z1", Statistic = z1 });
            wire.Statistics.Add(new Wire.TestStatistic { Name = "acerbi_szekely_z2", Statistic = shortfall.Z2 });
            wire.ShortfallZone = Name(shortfall.Zone);
        }

        wire.ExceptionDays.AddRange(measure.Exceptions.Select(e => days.Label(e.Scenario)));
        return wire;
    }

    // Without exceptions, say, there is no such ratio: then it has no probability either.
    private static Wire.TestStatistic Ratio(string name, LikelihoodRatio ratio)
    {
        var wire = new Wire.TestStatistic { Name = name };
        if (ratio.IsDefined)
            (wire.Statistic, wire.PValue) = (ratio.Statistic, ratio.PValue);
        return wire;
    }

    private static string Name(Zone zone) => zone switch
    {
        Zone.Green => "green",
        Zone.Amber => "amber",
        _ => "red",
    };
}

using System.Collections.Immutable;
using System.Globalization;
using RiskGrid.Compute;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Runs;

/// <summary>Value at risk and expected shortfall by full revaluation, as the wire has them.</summary>
internal static class VarResults
{
    /// <summary>Takes every node's measures from the tails of each leg.</summary>
    public static async Task FillAsync(
        SiloServices silo, RunContext context, VarSpec spec, RunTails[] tails, NodeBases bases, Wire.RunResult result, CancellationToken cancellationToken)
    {
        for (var leg = 0; leg < tails.Length; leg++)
        {
            var scenarios = context.Legs[leg].Scenarios;
            var options = new VarOptions(spec.Confidences, spec.QuantileRule)
            {
                // The days of history are the sample that there is, not independent draws: their quantile has no such interval.
                IntervalLevel = spec.Method is MonteCarloMethod ? spec.IntervalConfidence : null,
                Antithetic = scenarios.IsAntithetic,
                Weights = [.. scenarios.Weights],
                Decompose = spec.Decompose,
            };
            var finisher = await silo.Pool.RunAsync(ComputePriority.Run, () => new VarFinisher(tails[leg], bases, options), cancellationToken).ConfigureAwait(false);
            var risks = new Risk.Runs.NodeRisk[context.Tree.Nodes.Length];
            await silo.Pool.RunAsync(ComputePriority.Run, risks.Length, n => risks[n] = finisher.Node(n), cancellationToken).ConfigureAwait(false);
            for (var n = 0; n < risks.Length; n++)
                Fill(result.Nodes[n], risks[n], spec, leg, scenarios);
            if (spec.Contributors > 0 && risks[0].Failure is null)
                await ContributeAsync(silo, context, spec, tails[leg], leg, result.Nodes[0], cancellationToken).ConfigureAwait(false);
        }
    }

    // The scope's tail scenarios, revalued trade by trade.
    private static async Task ContributeAsync(
        SiloServices silo, RunContext context, VarSpec spec, RunTails tails, int leg, Wire.NodeRisk scope, CancellationToken cancellationToken)
    {
        var scenarios = context.Legs[leg].Scenarios;
        var tail = tails[tails.Plan.VectorOf(0)];
        var weights = spec.Confidences.Select(q => Weights(tail, scenarios, q, spec.QuantileRule)).ToImmutableArray();
        var books = context.Legs[leg].Books.Select(b => new BookContributions(b, scenarios, tail, weights)).ToList();
        var chunks = books.SelectMany((b, i) => Enumerable.Range(0, b.Chunks).Select(c => (Book: i, Chunk: c))).ToList();
        await silo.Pool.RunAsync(ComputePriority.Run, chunks.Count, i => books[chunks[i].Book].Compute(chunks[i].Chunk), cancellationToken).ConfigureAwait(false);
        var measures = scope.Measures.Skip(scope.Measures.Count - weights.Length).ToList();
        for (var q = 0; q < weights.Length; q++)
        {
            var confidence = q;
            var parts = await silo.Pool.RunAsync(
                ComputePriority.Run, () => TradeContributions.Largest(books, confidence, spec.Contributors), cancellationToken).ConfigureAwait(false);
            measures[q].Trades.AddRange(parts.Select(ToWire));
        }
    }

    private static TailWeights Weights(Tail tail, ScenarioSet scenarios, decimal confidence, QuantileRule rule)
    {
        if (scenarios.Weights.IsEmpty)
            return TailWeights.Of(scenarios.Count, confidence, rule);
        var sorted = new double[tail.Losses.Length];
        for (var i = 0; i < sorted.Length; i++)
            sorted[i] = scenarios.Weights[tail.Scenarios[i]];
        return TailWeights.Of(sorted, confidence, rule);
    }

    private static void Fill(Wire.NodeRisk node, Risk.Runs.NodeRisk risk, VarSpec spec, int leg, ScenarioSet scenarios)
    {
        if (risk.Failure is not null)
            node.Failure = risk.Failure;
        node.EffectiveScenarios = risk.EffectiveScenarios;
        for (var q = 0; q < risk.Measures.Length; q++)
        {
            var measure = risk.Measures[q];
            var wire = new Wire.RiskMeasure
            {
                HorizonDays = (uint)spec.HorizonsDays[leg],
                Confidence = spec.Confidences[q].ToString(CultureInfo.InvariantCulture),
                ValueAtRisk = measure.ValueAtRisk,
                ExpectedShortfall = measure.ExpectedShortfall,
                Caveat = measure.IsBeyondSample ? "fewer than one scenario is expected beyond the value at risk: it rests on the largest loss alone" : string.Empty,
            };
            if (measure.Interval is { } interval)
                wire.Interval = ToWire(interval);
            if (measure.ShortfallStandardError is { } error)
                wire.ShortfallStandardError = error;
            wire.Children.AddRange(measure.Children.Select(ToWire));
            wire.Classes.AddRange(measure.Classes.Select(ToWire));
            wire.Scenarios.AddRange(measure.Scenarios.Select(scenarios.Label));
            node.Measures.Add(wire);
        }
    }

    private static Wire.Interval ToWire(RiskInterval interval)
    {
        var wire = new Wire.Interval { Confidence = interval.Level.ToString(CultureInfo.InvariantCulture), Coverage = interval.Coverage };
        if (interval.Lower is { } lower)
            wire.Lower = lower;
        if (interval.Upper is { } upper)
            wire.Upper = upper;
        return wire;
    }

    /// <summary>The wire form of a part.</summary>
    public static Wire.RiskComponent ToWire(Risk.Runs.RiskComponent part)
    {
        var wire = new Wire.RiskComponent { Name = part.Name };
        if (part.ComponentVar is { } componentVar)
            wire.ComponentVar = componentVar;
        if (part.ComponentEs is { } componentEs)
            wire.ComponentEs = componentEs;
        if (part.MarginalVar is { } marginalVar)
            wire.MarginalVar = marginalVar;
        if (part.MarginalEs is { } marginalEs)
            wire.MarginalEs = marginalEs;
        if (part.IncrementalVar is { } incrementalVar)
            wire.IncrementalVar = incrementalVar;
        if (part.IncrementalEs is { } incrementalEs)
            wire.IncrementalEs = incrementalEs;
        if (part.StandaloneVar is { } standaloneVar)
            wire.StandaloneVar = standaloneVar;
        if (part.StandaloneEs is { } standaloneEs)
            wire.StandaloneEs = standaloneEs;
        return wire;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using RiskGrid.Compute;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Runs;

/// <summary>Parametric value at risk, as the wire has it.</summary>
internal static class ParametricResults
{
    /// <summary>Takes every node's measures from its P&amp;L under bumps.</summary>
    public static async Task FillAsync(
        SiloServices silo, RunContext context, VarSpec spec, RunTails[] tails, NodeBases bases, Wire.RunResult result, CancellationToken cancellationToken)
    {
        ImmutableArray<ParametricLevel> levels = [.. spec.Confidences.Select(q => new ParametricLevel(q, null)), .. spec.Z.Select(z => new ParametricLevel(null, z))];
        var bumps = (BumpScenarioSet)context.Legs[0].Scenarios;
        var finisher = await silo.Pool.RunAsync(
            ComputePriority.Run,
            () =>
            {
                var days = ScenarioSet.Historical(context.Panel!, bumps.Drivers, RunPlans.CovarianceWindow(spec.Method));
                return new ParametricFinisher(tails[0], bases, bumps, FactorCovariance.Of(days), new ParametricOptions(spec.HorizonsDays, levels, spec.Decompose));
            },
            cancellationToken).ConfigureAwait(false);
        var nodes = new NodeParametric[context.Tree.Nodes.Length];
        await silo.Pool.RunAsync(ComputePriority.Run, nodes.Length, n => nodes[n] = finisher.Node(n), cancellationToken).ConfigureAwait(false);
        for (var n = 0; n < nodes.Length; n++)
        {
            if (nodes[n].Failure is not null)
                result.Nodes[n].Failure = nodes[n].Failure;
            result.Nodes[n].Measures.AddRange(nodes[n].Measures.Select(ToWire));
        }
    }

    private static Wire.RiskMeasure ToWire(NodeParametricMeasure measure) => new()
    {
        HorizonDays = (uint)measure.HorizonDays,
        Confidence = measure.Level.Confidence?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
        Z = measure.Level.Z?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
        Approximation = measure.Approximation,
        ValueAtRisk = measure.ValueAtRisk,
        ExpectedShortfall = measure.ExpectedShortfall,
        Caveat = measure.Caveat ?? string.Empty,
        Children = { measure.Children.Select(VarResults.ToWire) },
        Classes = { measure.Classes.Select(VarResults.ToWire) },
    };
}

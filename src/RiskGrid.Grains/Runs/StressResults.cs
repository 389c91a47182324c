using RiskGrid.Compute;
using RiskGrid.Risk.Runs;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Runs;

/// <summary>P&amp;L under stress scenarios, as the wire has it.</summary>
internal static class StressResults
{
    /// <summary>Takes every node's P&amp;L from the whole vectors of each leg.</summary>
    public static async Task FillAsync(
        SiloServices silo, RunContext context, StressSpec spec, RunTails[] tails, NodeBases bases, Wire.RunResult result, CancellationToken cancellationToken)
    {
        for (var l = 0; l < tails.Length; l++)
        {
            var leg = context.Legs[l];
            var nodes = new NodeStress[context.Tree.Nodes.Length];
            var leaves = tails[l];
            await silo.Pool.RunAsync(ComputePriority.Run, nodes.Length, n => nodes[n] = StressFinisher.Node(leaves, bases, n), cancellationToken).ConfigureAwait(false);
            for (var n = 0; n < nodes.Length; n++)
            {
                if (nodes[n].Failure is not null)
                    result.Nodes[n].Failure = nodes[n].Failure;
                result.Nodes[n].Stress.AddRange(nodes[n].Scenarios.Select(s => ToWire(s, leg, spec)));
            }
        }
    }

    private static Wire.StressPnl ToWire(StressPnl pnl, RunLegContext leg, StressSpec spec)
    {
        var wire = new Wire.StressPnl { Group = leg.Name, Scenario = leg.Scenarios.Label(pnl.Scenario), Pnl = pnl.Pnl };
        foreach (var part in pnl.Classes)
        {
            var row = new Wire.ClassPnl { Name = part.Name };
            if (part.Pnl is { } value)
                row.Pnl = value;
            wire.Classes.Add(row);
        }

        if (spec.Matrix is { } matrix && leg.Name is StressLegs.Matrix)
        {
            wire.SpotMove = matrix.SpotMoves[pnl.Scenario / matrix.VolatilityMoves.Length];
            wire.VolatilityMove = matrix.VolatilityMoves[pnl.Scenario % matrix.VolatilityMoves.Length];
        }

        for (var i = 0; i < spec.Ladders.Length; i++)
        {
            if (leg.Name == StressLegs.Ladder(i))
                wire.Move = spec.Ladders[i].Moves[pnl.Scenario];
        }

        return wire;
    }
}

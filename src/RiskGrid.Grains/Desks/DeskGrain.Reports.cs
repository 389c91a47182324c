using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grains.Desks;

/// <content>What comes from the children, and what they settle at.</content>
public sealed partial class DeskGrain
{
    /// <inheritdoc/>
    public async Task<NodeReport> Settle(SettleRequest request, CancellationToken cancellationToken)
    {
        // Runs beside the turns: it touches the grain's state only in what it posts.
        var hierarchy = await silo.Hierarchy.AtLeastAsync(request.HierarchyVersion).ConfigureAwait(false);
        var children = hierarchy.Hierarchy.Children(_desk);
        var wanted = new SettleRequest { Market = request.Market, HierarchyVersion = request.HierarchyVersion };
        var settling = Context.Grains.WithTimeout(CallTimes.Long);
        var reports = await Task.WhenAll(children.Select(c => Reference(c, settling).Settle(wanted, cancellationToken))).ConfigureAwait(false);
        var settled = new TaskCompletionSource<NodeReport>(TaskCreationOptions.RunContinuationsAsynchronously);

        // Whatever ends the activation: the turn below is never run then, and the next activation has to answer.
        await using var ended = Context.Deactivated.UnsafeRegister(_ => settled.TrySetException(Ended()), null).ConfigureAwait(false);
        var posted = Context.Post(async () =>
        {
            try
            {
                await HierarchyChanged(hierarchy);
                foreach (var report in reports)
                    Take(report);
                Combine();
                var sum = Settled(hierarchy, reports);
                settled.TrySetResult(request.WithoutVector ? NodeReporter.WithoutVector(sum) : sum);
            }
            catch (Exception e)
            {
                settled.TrySetException(e);
            }
        });
        return posted ? await settled.Task.ConfigureAwait(false) : throw Ended();

        ActivationFencedException Ended() => new($"desk {_desk} has ended");
    }

    // Exactly what the children settled at: what has come from them meanwhile may be newer and yet have less in it, such as the first report of
    // a child that begins anew.
    private NodeReport Settled(HierarchyVersion hierarchy, IReadOnlyList<NodeReport> inNameOrder)
    {
        var rollup = Outline(hierarchy, _report.Rollup.Version);
        RollupSum.Add(rollup, inNameOrder);
        if (inNameOrder.Count == 0)
            rollup.AsOf = silo.Board.Point;
        var pnl = RollupSum.AddVectors(rollup, inNameOrder);
        if (rollup.Equals(_report.Rollup) && pnl.Equals(_report.Pnl))
            return _report;

        // Not what goes up in the stream of versions: the desk above does not take it for that.
        rollup.Version = 0;
        return new NodeReport { Rollup = rollup, Pnl = pnl };
    }

    // True when the report is of a child and has something that is not known.
    private bool Take(NodeReport report)
    {
        if (!_children.TryGetValue(NodeId.Parse(report.Rollup.NodeId), out var child))
            return false;
        child.LastHeard = Context.Time.GetTimestamp();
        var known = child.Report;
        var next = known is null ? report : Newest(known, report);
        _vectorsChanged |= known is null || known.VectorVersion != next.VectorVersion || known.Pnl.IsEmpty != next.Pnl.IsEmpty
            || known.Rollup.Coverage.Trades != next.Rollup.Coverage.Trades;
        child.Report = next;
        return known is null || _vectorsChanged || !known.Rollup.Equals(next.Rollup);
    }

    // The newest measures and the newest vector, each for itself: a report may come late, and without the vector when the one that brought it
    // was lost. The vector that is held then stays, with its own as-of, until the next sign of life brings the newer.
    private static NodeReport Newest(NodeReport known, NodeReport report)
    {
        var rollup = (report.Rollup.Version >= known.Rollup.Version ? report : known).Rollup;
        var vector = !report.Pnl.IsEmpty && (known.Pnl.IsEmpty || report.VectorVersion >= known.VectorVersion) ? report : known;
        if (rollup.Tail is null)
            return new NodeReport { Rollup = rollup };
        if (vector.Pnl.IsEmpty)
            return new NodeReport { Rollup = rollup, VectorVersion = report.VectorVersion };
        var ofRollup = ReferenceEquals(rollup, report.Rollup) ? report.VectorVersion : known.VectorVersion;
        if (ofRollup != vector.VectorVersion)
        {
            rollup = rollup.Clone();
            rollup.Tail = vector.Rollup.Tail;
        }

        return new NodeReport { Rollup = rollup, VectorVersion = vector.VectorVersion, Pnl = vector.Pnl };
    }
}

using System.Runtime.CompilerServices;
using RiskGrid.Model;
using RiskGrid.Protocol.V1;
using HierarchyNode = RiskGrid.Model.HierarchyNode;

namespace RiskGrid.Grains.Nodes;

/// <summary>What one subscriber gets to see: of every node what it says now, then each newer rollup, conflated. It goes on while silos die and
/// come: a node that cannot be asked for now is silent, never wrong.</summary>
public static class RollupStream
{
    /// <summary>Silence after which a node is asked whether something was lost.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    // How often silence is looked at.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>The rollups, until cancelled.</summary>
    /// <param name="views">What this process hears.</param>
    /// <param name="scope">The nodes, in the tree as it stands.</param>
    /// <param name="interval">The least time between two rollups of one node.</param>
    /// <param name="time">The clock of intervals and silence.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<Rollup> ReadAsync(
        SiloViews views, Func<Hierarchy, IEnumerable<HierarchyNode>> scope, TimeSpan interval, TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(views);
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(time);
        var began = time.GetTimestamp();
        var sent = new Dictionary<string, (long Version, long At)>(StringComparer.Ordinal);
        while (true)
        {
            // Taken before reading, so that no change slips between the two.
            var change = views.Rollups.NextChange;
            var hierarchy = (await views.Hierarchy.CurrentAsync().WaitAsync(cancellationToken).ConfigureAwait(false)).Hierarchy;
            var (wait, paced) = (Look, false);
            foreach (var node in scope(hierarchy))
            {
                var id = node.Id.Value;
                var known = sent.TryGetValue(id, out var last);
                views.Rollups.Freshen(id, node.Kind == NodeKind.Book, known ? Silence : time.GetElapsedTime(began));
                if (views.Rollups.Latest(id) is not { } latest || (known ? latest.Version <= last.Version : !views.Rollups.HeardSince(id, began)))
                    continue;
                var due = known ? interval - time.GetElapsedTime(last.At) : TimeSpan.Zero;
                if (due > TimeSpan.Zero)
                {
                    (wait, paced) = (wait < due ? wait : due, true);
                    continue;
                }

                // The next one is read only when this one has left: a slow reader skips versions and never waits for old ones.
                sent[id] = (latest.Version, time.GetTimestamp());
                yield return latest;
            }

            await PauseAsync(paced ? null : change, wait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Until the change, if one is waited for, or the time.
    private static async Task PauseAsync(Task? change, TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(time, clock, over.Token);
        await (change is null ? delay : Task.WhenAny(change, delay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await over.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

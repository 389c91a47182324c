using RiskGrid.Grains.Nodes;
using RiskGrid.Grains.Runs;
using RiskGrid.Grid;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains;

/// <summary>What a process knows of the cluster without asking: heard on topics, by silos and by gateways alike.</summary>
/// <param name="Market">The name of the market that prices everything.</param>
/// <param name="Hierarchy">The tree of desks and books.</param>
/// <param name="Rollups">The latest rollup of every node.</param>
/// <param name="Runs">How the runs under way stand.</param>
public sealed record SiloViews(string Market, HierarchyBoard Hierarchy, RollupBoard Rollups, RunBoard Runs)
{
    /// <summary>Empty views of the default market.</summary>
    /// <param name="grains">The grains of the process; asked when something is needed that was not heard.</param>
    /// <param name="time">The clock of silence.</param>
    /// <param name="troubles">Where it is reported that something cannot be asked.</param>
    public static SiloViews Create(Func<IGrains> grains, TimeProvider time, Troubles troubles) => new(
        SiloServices.DefaultMarket,
        new HierarchyBoard(known => grains().WithTimeout(CallTimes.Question).Get<IHierarchyGrain>(HierarchyGrain.Key).GetIfNewer(new HierarchyKnown { Version = known })),
        new RollupBoard(
            (id, isBook, known) =>
            {
                var quick = grains().WithTimeout(CallTimes.Question);
                INodeGrain node = isBook ? quick.Get<IBookGrain>(id) : quick.Get<IDeskGrain>(id);
                return node.GetRollup(new RollupKnown { Version = known });
            },
            time,
            troubles),
        new RunBoard());

    /// <summary>Hears of what was published and lost: a part of every process's heartbeat.</summary>
    internal async Task BeatAsync(Troubles troubles)
    {
        try
        {
            await Hierarchy.RefreshIfNewerAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            troubles.ViewNotFetched("the hierarchy", e);
        }
    }

    /// <summary>Keeps the views up to date from the silo's start.</summary>
    public SiloBuilder SubscribeTo(SiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .Subscribe<GetHierarchyResponse>(HierarchyGrain.Topic, version =>
            {
                Hierarchy.Apply(version);
                return ValueTask.CompletedTask;
            })
            .Subscribe<Rollup>(RollupBoard.Topic, rollup =>
            {
                Rollups.Apply(rollup);
                return ValueTask.CompletedTask;
            })
            .Subscribe<RunChanged>(RunBoard.Topic, changed =>
            {
                Runs.Apply(changed);
                return ValueTask.CompletedTask;
            });
    }
}

using Microsoft.Extensions.Logging;
using RiskGrid.Grid;

namespace RiskGrid.Grains;

/// <summary>A process of the cluster that hosts no grains: what a front door needs. Any number of them may run.</summary>
public sealed class RiskFront : IAsyncDisposable
{
    private readonly Silo _silo;
    private readonly Heartbeat _heartbeat;

    private RiskFront(Silo silo, SiloViews views, Heartbeat heartbeat)
    {
        _silo = silo;
        _heartbeat = heartbeat;
        Views = views;
    }

    /// <summary>References to the grains, wherever they live.</summary>
    public IGrains Grains => _silo.Grains;

    /// <summary>What this process hears.</summary>
    public SiloViews Views { get; }

    /// <summary>The silos of the cluster, and what waits for them.</summary>
    public ValueTask<ClusterState> ReadClusterAsync(CancellationToken cancellationToken) => _silo.ReadClusterAsync(cancellationToken);

    /// <summary>The silos alone: cheap enough to ask often.</summary>
    public ValueTask<ClusterState> ReadSilosAsync(CancellationToken cancellationToken) => _silo.ReadSilosAsync(cancellationToken);

    /// <summary>Connects.</summary>
    /// <param name="engine">What carries messages to the silos; disposed with this.</param>
    /// <param name="name">What people call this process; null for the machine's name and the process's id.</param>
    /// <param name="time">The clock of time limits.</param>
    /// <param name="logger">Where the process reports what an operator should know.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RiskFront> StartAsync(
        IGridEngine engine, string? name, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var log = new GrainLog(logger);
        Silo? silo = null;
        var troubles = new Troubles(log, time);
        var views = SiloViews.Create(() => silo!.Grains, time, troubles);
        var builder = new SiloBuilder().UseEngine(engine).Configure(o =>
        {
            o.Name = name ?? o.Name;
            o.Time = time;
            o.OnError = troubles.TurnFailed;
        });
        silo = views.SubscribeTo(builder).Build();
        try
        {
            await silo.StartAsync(cancellationToken).ConfigureAwait(false);
            return new RiskFront(silo, views, new Heartbeat(time, () => views.BeatAsync(troubles)));
        }
        catch
        {
            await silo.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        await _heartbeat.DisposeAsync().ConfigureAwait(false);
        await _silo.DisposeAsync().ConfigureAwait(false);
    }
}

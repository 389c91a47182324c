using Microsoft.Extensions.Logging;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Grid;

namespace RiskGrid.Hosting;

/// <summary>Keeps the door's readiness true to the cluster: ready is who is connected to the broker and knows a silo that hosts grains.</summary>
internal sealed class ReadinessWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    private readonly GatewayHealth _health;
    private readonly Func<CancellationToken, ValueTask<ClusterState>> _readSilos;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public ReadinessWatch(GatewayHealth health, Func<CancellationToken, ValueTask<ClusterState>> readSilos, TimeProvider time, ILogger log)
    {
        _health = health;
        _readSilos = readSilos;
        _time = time;
        _log = log;
        _health.SetAll(false);
        _loop = Task.Run(WatchAsync);
    }

    /// <summary>Stops watching: from now on the door says itself that it closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var ready = false;
        while (!_stop.IsCancellationRequested)
        {
            var trouble = await FindTroubleAsync();
            if (ready != trouble is null && !_stop.IsCancellationRequested)
            {
                ready = trouble is null;
                _health.SetAll(ready);
                if (ready)
                    _log.Ready();
                else
                    _log.NotReady(trouble!);
            }

            await Task.Delay(Interval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<string?> FindTroubleAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(AnswerLimit);
        try
        {
            var state = await _readSilos(limit.Token);
            return state.Silos.Any(s => s.Load.Activations.Count > 0) ? null : "no silo is known yet";
        }
        catch (Exception e) when (e is GridException or OperationCanceledException)
        {
            return e.Message;
        }
    }
}

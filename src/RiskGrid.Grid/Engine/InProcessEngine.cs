using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>The engine of a single process: hands messages over by reference, at once and once. Nothing is durable and nothing is
/// ever repeated or lost, as long as the process lives.</summary>
public sealed class InProcessEngine : IGridEngine
{
    private volatile IEngineHost? _host;

    /// <inheritdoc/>
    public Task StartAsync(IEngineHost host, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _host, host, null) is not null)
            throw new InvalidOperationException("An engine serves one silo.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask CallAsync(GrainCall call)
    {
        var refusal = _host is { } host ? host.Deliver(call) : Silo.Stopping();
        return refusal is null ? ValueTask.CompletedTask : ValueTask.FromException(refusal);
    }

    /// <inheritdoc/>
    public ValueTask RunAsync(WorkCall work)
    {
        var refusal = _host is { } host ? host.Deliver(work) : Silo.Stopping();
        return refusal is null ? ValueTask.CompletedTask : ValueTask.FromException(refusal);
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string topic, IMessage message)
    {
        if (_host is not { } host)
            return ValueTask.FromException(Silo.Stopping());
        host.Deliver(topic, message);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ClusterState> ReadClusterAsync(CancellationToken cancellationToken) => _host is { } host
        ? ValueTask.FromResult(ClusterState.Alone("in-process", host))
        : ValueTask.FromException<ClusterState>(Silo.Stopping());

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_host is not { } host)
            return;
        try
        {
            await host.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Leaving at once is what the caller asked for.
        }

        _host = null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

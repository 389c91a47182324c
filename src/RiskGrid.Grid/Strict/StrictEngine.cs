using System.Text;
using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>The in-process engine at its least kind, for tests: whatever a real cluster may do to messages happens here, often,
/// from a seed.</summary>
/// <remarks>Every request, reply, fault, work item and topic message goes through bytes, so nothing is shared by reference.
/// Messages of one sender to one grain keep their order; those of different senders overtake each other; a repetition comes at
/// any later time. Ownership of a partition is lost mid-life: its activations are dropped while their turns may still run, and
/// their calls go, in their order, to new activations. The caller's cancellation does not reach the grain; its deadline
/// does.</remarks>
public sealed partial class StrictEngine : IGridEngine
{
    private const int Lanes = 64;
    private readonly StrictLane[] _lanes;
    private readonly Lock _gate = new();
    private volatile IEngineHost? _host;
    private TaskCompletionSource? _quiet;
    private long _underWay;
    private long _begun;
    private long _messages;

    /// <summary>With these chances; see the options' defaults.</summary>
    public StrictEngine(StrictOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        _lanes = new StrictLane[Lanes];
        for (var i = 0; i < Lanes; i++)
            _lanes[i] = new StrictLane(this, i);
    }

    internal StrictOptions Options { get; }

    internal DateTimeOffset Now => (_host?.Time ?? TimeProvider.System).GetUtcNow();

    /// <inheritdoc/>
    public Task StartAsync(IEngineHost host, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _host, host, null) is not null)
            throw new InvalidOperationException("An engine serves one silo.");
        Options.Announce(ToString());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask CallAsync(GrainCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Send($"{call.Sender}>{call.Method.Kind}/{call.Key}", new StrictCallParcel(this, call, NextMessageId()));
    }

    /// <inheritdoc/>
    public ValueTask RunAsync(WorkCall work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var id = NextMessageId();
        return Send($"work {id}", new StrictWorkParcel(this, work, id));
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string topic, IMessage message) => Send($"topic {topic}", new StrictTopicParcel(topic, message));

    /// <inheritdoc/>
    public ValueTask<ClusterState> ReadClusterAsync(CancellationToken cancellationToken) => _host is { } host
        ? ValueTask.FromResult(ClusterState.Alone("strict", host))
        : ValueTask.FromException<ClusterState>(Silo.Stopping());

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_host is not { } host)
            return;
        try
        {
            long before;
            bool quiet;
            do
            {
                await WhenQuietAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                // In this order: a message that begins after the first line is seen by the second or by the last.
                before = Interlocked.Read(ref _begun);
                quiet = Interlocked.Read(ref _underWay) == 0;
                await host.DrainAsync(cancellationToken).ConfigureAwait(false);
            }
            while (!quiet || before != Interlocked.Read(ref _begun));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Leaving at once is what the caller asked for.
        }

        _host = null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The seed and the chances.</summary>
    public override string ToString() =>
        $"strict mode: seed {Options.Seed}, duplicates {Options.Duplicates:0.####}, "
        + $"lost ownership {Options.LostOwnership:0.####}, losses {Options.Losses:0.####}";

    internal void Began()
    {
        Interlocked.Increment(ref _begun);
        Interlocked.Increment(ref _underWay);
    }

    internal void Ended()
    {
        if (Interlocked.Decrement(ref _underWay) != 0)
            return;
        lock (_gate)
        {
            _quiet?.TrySetResult();
            _quiet = null;
        }
    }

    private ValueTask Send(string lane, StrictParcel parcel)
    {
        if (_host is null)
            return ValueTask.FromException(Silo.Stopping());
        _lanes[Partition.Fnv1A(Encoding.UTF8.GetBytes(lane)) % Lanes].Enqueue(parcel);
        return ValueTask.CompletedTask;
    }

    private Task WhenQuietAsync()
    {
        lock (_gate)
        {
            if (Interlocked.Read(ref _underWay) == 0)
                return Task.CompletedTask;
            _quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _quiet.Task;
        }
    }

    private string NextMessageId() => $"{Options.Seed}-{Interlocked.Increment(ref _messages)}";
}

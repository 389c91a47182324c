using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Asks the broker what waits in its queues; seldom, for each question costs a little per queue.</summary>
internal sealed class ClusterReader(Session session)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Each question waits for its answer; several channels at once hide that.
    private const int Lanes = 8;

    private readonly SemaphoreSlim _asking = new(1, 1);
    private IReadOnlyList<QueueState> _queues = [];
    private long _asked;

    public async Task<ClusterState> ReadAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
        either.CancelAfter(Patience);
        var silos = session.Members.Read();
        try
        {
            await _asking.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                if (_asked == 0 || session.Clock.GetElapsedTime(_asked) > Fresh)
                {
                    _queues = await CountAsync(silos.SelectMany(s => s.Load.Activations.Keys), either.Token).ConfigureAwait(false);
                    _asked = session.Clock.GetTimestamp();
                }

                return new ClusterState("rabbitmq", silos, _queues);
            }
            finally
            {
                _asking.Release();
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is OperationCanceledException or OperationInterruptedException or ObjectDisposedException)
        {
            throw new GrainUnavailableException(
                $"The broker at {BrokerConnection.Describe(session.Options.Address)} does not say what its queues hold: retry.", exception);
        }
    }

    private async Task<IReadOnlyList<QueueState>> CountAsync(IEnumerable<string> kinds, CancellationToken cancellationToken)
    {
        var queues = kinds.Distinct(StringComparer.Ordinal)
            .SelectMany(kind => Enumerable.Range(0, Partition.Count).Select(p => (Name: kind, Queue: session.Names.Queue(kind, p))))
            .Append((Name: "work", Queue: session.Names.Work))
            .Append((Name: "dead letters", Queue: session.Names.Dead))
            .ToList();
        var lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane =>
            CountLaneAsync(queues.Where((_, i) => i % Lanes == lane), cancellationToken))).ConfigureAwait(false);
        return [.. lanes.SelectMany(counts => counts)
            .GroupBy(c => c.Name, c => c.Messages, StringComparer.Ordinal)
            .Select(name => new QueueState(name.Key, name.Sum()))
            .OrderBy(q => q.Name, StringComparer.Ordinal)];
    }

    private async Task<List<(string Name, long Messages)>> CountLaneAsync(
        IEnumerable<(string Name, string Queue)> queues, CancellationToken cancellationToken)
    {
        var counts = new List<(string Name, long Messages)>();
        IChannel? channel = null;
        try
        {
            foreach (var (name, queue) in queues)
            {
                // Not the session's kind of channel: it closes when a queue is not there, and that would end the session.
                channel ??= await session.Listening.CreateChannelAsync(null, cancellationToken).ConfigureAwait(false);
                try
                {
                    counts.Add((name, (await channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false)).MessageCount));
                }
                catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
                {
                    // No silo has declared it: nothing waits.
                    counts.Add((name, 0));
                    await channel.DisposeAsync().ConfigureAwait(false);
                    channel = null;
                }
            }
        }
        finally
        {
            if (channel is not null)
                await channel.DisposeAsync().ConfigureAwait(false);
        }

        return counts;
    }
}

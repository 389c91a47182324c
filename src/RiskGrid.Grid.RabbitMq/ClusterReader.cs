using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Asks the broker what waits in its queues; seldom, for each question costs a little per queue.</summary>
internal sealed class ClusterReader(Session session)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

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
        var counts = new List<QueueState>();
        foreach (var kind in kinds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            counts.Add(new QueueState(
                kind, await CountAsync([.. Enumerable.Range(0, Partition.Count).Select(p => session.Names.Queue(kind, p))], cancellationToken).ConfigureAwait(false)));
        }

        counts.Add(new QueueState("work", await CountAsync([session.Names.Work], cancellationToken).ConfigureAwait(false)));
        counts.Add(new QueueState("dead letters", await CountAsync([session.Names.Dead], cancellationToken).ConfigureAwait(false)));
        return [.. counts.OrderBy(q => q.Name, StringComparer.Ordinal)];
    }

    private async Task<long> CountAsync(string[] queues, CancellationToken cancellationToken)
    {
        // A channel for each: it closes when a queue is not there. Not the session's kind, for that would end the session.
        await using var channel = await session.Listening.CreateChannelAsync(null, cancellationToken).ConfigureAwait(false);
        long sum = 0;
        try
        {
            foreach (var queue in queues)
                sum += (await channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false)).MessageCount;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // No silo has declared it: nothing waits.
        }

        return sum;
    }
}

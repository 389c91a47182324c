using RabbitMQ.Client;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Declares what all silos share. Declaring again what is there changes nothing.</summary>
internal static class Topology
{
    // The broker works on a few channels at once.
    private const int Lanes = 4;

    // Only each of so many declarations waits for its answer: a channel's are done in order, and the first that fails closes it.
    private const int Answered = 16;

    public static async Task DeclareAsync(Session session, CancellationToken cancellationToken)
    {
        var names = session.Names;
        await using var channel = await session.OpenChannelAsync(session.Listening, null, cancellationToken).ConfigureAwait(false);
        await channel.ExchangeDeclareAsync(names.Dead, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.ExchangeDeclareAsync(names.Members, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.ExchangeDeclareAsync(names.Topics, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        await DeclareQueueAsync(channel, names.Dead, new() { ["x-queue-type"] = "quorum" }, cancellationToken).ConfigureAwait(false);
        await channel.QueueBindAsync(names.Dead, names.Dead, "", cancellationToken: cancellationToken).ConfigureAwait(false);
        if (session.WorkKinds.Count > 0)
            await DeclareQueueAsync(channel, names.Work, Arguments(session, session.Options.WorkDeliveryLimit), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(Enumerable.Range(0, session.Kinds.Count == 0 ? 0 : Lanes).Select(lane => DeclarePartitionsAsync(session, lane, cancellationToken)))
            .ConfigureAwait(false);
        await channel.CloseAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task DeclarePartitionsAsync(Session session, int lane, CancellationToken cancellationToken)
    {
        await using var channel = await session.OpenChannelAsync(session.Listening, null, cancellationToken).ConfigureAwait(false);
        var arguments = Arguments(session, session.Options.DeliveryLimit);
        arguments["x-single-active-consumer"] = true;
        var queues = session.Kinds.SelectMany(kind => Enumerable.Range(0, Partition.Count).Select(p => session.Names.Queue(kind, p)))
            .Where((_, i) => i % Lanes == lane).ToList();
        for (var i = 0; i < queues.Count; i++)
        {
            var waits = i % Answered == 0 || i == queues.Count - 1;
            await DeclareQueueAsync(channel, queues[i], arguments, cancellationToken, waits).ConfigureAwait(false);
        }

        await channel.CloseAsync(cancellationToken).ConfigureAwait(false);
    }

    private static Dictionary<string, object?> Arguments(Session session, int deliveryLimit) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = deliveryLimit,
        ["x-dead-letter-exchange"] = session.Names.Dead,
        ["x-max-length"] = session.Options.QueueMessages,
        ["x-max-length-bytes"] = session.Options.QueueBytes,
        // A full queue refuses: its senders learn of it, instead of its oldest messages being dropped.
        ["x-overflow"] = "reject-publish",
    };

    private static Task DeclareQueueAsync(
        IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken, bool waits = true) =>
        channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, arguments, noWait: !waits, cancellationToken: cancellationToken);
}

using RabbitMQ.Client;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Declares what all silos share. Declaring again what is there changes nothing.</summary>
internal static class Topology
{
    // Declaring waits for the broker each time; a few channels at once hide that.
    private const int Lanes = 4;

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
        foreach (var kind in session.Kinds)
        {
            for (var partition = lane; partition < Partition.Count; partition += Lanes)
                await DeclareQueueAsync(channel, session.Names.Queue(kind, partition), arguments, cancellationToken).ConfigureAwait(false);
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
        IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken) =>
        channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
}

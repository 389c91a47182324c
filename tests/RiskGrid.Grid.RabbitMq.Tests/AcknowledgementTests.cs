using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using RabbitMQ.Client;
using RiskGrid.Grid.Tests;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>The broker closes a channel on which a message stays unacknowledged for too long, and the session ends with it.</summary>
[Collection(BrokerCollection.Name)]
public sealed class AcknowledgementTests(Broker broker)
{
    [Fact]
    public async Task A_silo_that_hears_a_topic_now_and_then_keeps_its_session_beyond_the_brokers_patience()
    {
        // Long against the second after which a silo acknowledges what it has heard.
        await LimitAsync(patience: TimeSpan.FromSeconds(8), look: TimeSpan.FromMilliseconds(50));
        try
        {
            await using var cluster = new Cluster(broker.NewCluster());
            var heard = 0L;
            var silo = await cluster.StartGatewayAsync(build: builder => builder.Subscribe<Int64Value>("numbers", message =>
            {
                Interlocked.Exchange(ref heard, message.Value);
                return ValueTask.CompletedTask;
            }));
            var before = silo.Incarnation;
            await SayAsync(1);
            // Another one that hears topics and acknowledges nothing.
            await using var connection = await broker.ConnectAsync();
            var witness = await connection.CreateChannelAsync();
            var queue = await witness.QueueDeclareAsync();
            await witness.QueueBindAsync(queue.QueueName, new Names(cluster.Options.Prefix).Topics, "");
            await witness.BasicConsumeAsync(queue.QueueName, autoAck: false, new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(witness));
            await SayAsync(2);
            await TestExtensions.Eventually(() => witness.IsClosed, "the broker loses its patience with the other one");
            await SayAsync(3);
            Assert.Equal(before, silo.Incarnation);
            Assert.Empty(silo.Errors);

            async Task SayAsync(long number)
            {
                await silo.Silo.PublishAsync("numbers", new Int64Value { Value = number });
                await TestExtensions.Eventually(() => Interlocked.Read(ref heard) == number, "the silo hears its topic");
            }
        }
        finally
        {
            // As it comes.
            await LimitAsync(patience: TimeSpan.FromMinutes(30), look: TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task A_message_that_fails_unexpectedly_is_reported_once_and_is_a_dead_letter()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silo = await cluster.StartGatewayAsync();
        var session = silo.Engine.Session!;
        await using var channel = await session.OpenChannelAsync(session.Listening, null, CancellationToken.None);
        var dead = (await channel.QueueDeclareAsync()).QueueName;
        var arguments = new Dictionary<string, object?> { ["x-dead-letter-exchange"] = "", ["x-dead-letter-routing-key"] = dead };
        var queue = (await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: false, arguments)).QueueName;
        await channel.BasicConsumeAsync(
            queue, autoAck: false, new Consumer(session, channel, queue, _ => throw new InvalidOperationException("unexpected")));
        await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties(), new byte[1]);
        await TestExtensions.Eventually(() => channel.MessageCountAsync(dead).GetAwaiter().GetResult() == 1, "it is a dead letter");
        Assert.Equal("unexpected", Assert.Single(silo.Errors).Exception.Message);
    }

    /// <summary>Who hands a partition over waits until nothing runs, and then gives the channel up.</summary>
    [Fact]
    public async Task A_call_counts_as_running_until_its_message_is_acknowledged()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var session = (await cluster.StartGatewayAsync()).Engine.Session!;
        await using var channel = await session.OpenChannelAsync(session.Listening, null, CancellationToken.None);
        var intake = new WatchedIntake(session, channel);
        intake.Began(2);
        var delivery = new QueueDelivery(intake, 1, null, 2);
        delivery.Settle(null);
        delivery.Settle(null);
        Assert.Equal(1, await intake.RunningWhenAcknowledged.Within());
        await TestExtensions.Eventually(() => intake.Running == 0, "it is over then");
    }

    private Task LimitAsync(TimeSpan patience, TimeSpan look) => broker.Server.EvaluateAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"application:set_env(rabbit, consumer_timeout, {patience.TotalMilliseconds:0}), application:set_env(rabbit, channel_tick_interval, {look.TotalMilliseconds:0})."));

    private sealed class WatchedIntake(Session session, IChannel channel) : Intake(session, channel)
    {
        private readonly TaskCompletionSource<int> _running = new();

        public Task<int> RunningWhenAcknowledged => _running.Task;

        // Asked before a message is acknowledged.
        public override bool IsLost => _running.TrySetResult(Running) | true;
    }
}

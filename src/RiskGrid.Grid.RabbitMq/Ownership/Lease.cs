using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>One partition of all kinds as long as one channel lives. Closing the channel gives the partition to whoever is next, and what was
/// not acknowledged goes there in its order.</summary>
internal sealed class Lease(PartitionConsumer partition, Session session, IChannel channel) : Intake(session, channel)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    // Held while calls are handed to the silo, so that none is after its ownership is lost.
    private readonly Lock _gate = new();

    // Held while the silo is told of the loss.
    private readonly Lock _losing = new();
    private readonly HashSet<string> _owned = [];
    private int _yielding;
    private bool _stopped;
    private volatile bool _lost;

    public override bool IsLost => _lost;

    /// <summary>Unique within the session: says which of its turns at the partition this is.</summary>
    public uint Number { get; } = session.Ownership.NextLease();

    public bool Owns(string kind)
    {
        lock (_gate)
            return _owned.Contains(kind);
    }

    /// <summary>Takes calls now.</summary>
    public bool Takes(string kind)
    {
        lock (_gate)
            return !_stopped && _owned.Contains(kind);
    }

    /// <summary>Somebody wants to end it.</summary>
    public bool IsYielding => Volatile.Read(ref _yielding) != 0;

    /// <summary>True for the first who wants to end it.</summary>
    public bool BeginYield() => Interlocked.Exchange(ref _yielding, 1) == 0;

    public async Task ConsumeAsync(CancellationToken cancellationToken)
    {
        await Channel.BasicQosAsync(0, (ushort)Session.Options.Prefetch, global: false, cancellationToken).ConfigureAwait(false);
        foreach (var kind in Session.Kinds)
        {
            var queue = Session.Names.Queue(kind, partition.Index);
            await new Consumer(Session, Channel, queue, message => OnMessage(kind, message)).StartAsync(kind, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes nothing more.</summary>
    public void Stop()
    {
        lock (_gate)
            _stopped = true;
        Session.Owners.Changed();
    }

    /// <summary>Takes calls that came straight from their sender; false: it cannot, and they are the sender's again.</summary>
    public bool TakeDirect(DirectCalls calls, string? replyTo)
    {
        lock (_gate)
        {
            if (_stopped || !_owned.Contains(calls.Kind))
                return false;
            Take(new DirectDelivery(this, replyTo), calls.Calls);
            return true;
        }
    }

    /// <summary>Takes nothing more, lets what runs end, but not for longer than <paramref name="grace"/>, and lets go.</summary>
    public async Task EndAsync(TimeSpan grace)
    {
        Stop();
        var start = Session.Clock.GetTimestamp();
        if (Running > 0 && grace > TimeSpan.Zero)
        {
            using var timer = new PeriodicTimer(Look, Session.Clock);
            while (Running > 0 && Session.Clock.GetElapsedTime(start) < grace && !Session.IsLost)
                await timer.WaitForNextTickAsync().ConfigureAwait(false);
            if (Running > 0 && !Session.IsLost)
                Session.Log.HandOverCutShort(partition.Index, Running, grace);
        }

        Lose();
        try
        {
            await Channel.CloseAsync().ConfigureAwait(false);
            await Channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationInterruptedException or ObjectDisposedException)
        {
            // It was closed already.
        }
    }

    /// <summary>The silo drops what it has of the partition.</summary>
    /// <remarks>Whoever comes second waits until the silo has been told: a session ends with it, and what is told later would be taken for the next
    /// session's.</remarks>
    public void Lose()
    {
        lock (_losing)
        {
            string[] owned;
            lock (_gate)
            {
                _stopped = true;
                _lost = true;
                owned = [.. _owned];
                _owned.Clear();
            }

            foreach (var kind in owned)
                Session.Host.OwnershipLost(kind, partition.Index);
        }
    }

    /// <summary>An activation gave up calls although the partition is here: they must go back to the queue.</summary>
    public void GiveUp() => partition.YieldFenced(this);

    private ValueTask OnMessage(string kind, Incoming message)
    {
        switch (message.Properties.Type)
        {
            case MessageType.Calls:
                var batch = CallBatch.Parser.ParseFrom(message.Body.Span);
                if (batch.Calls.Count == 0)
                    return AcknowledgeAsync(message.Tag);
                Take(kind, message, batch);
                return ValueTask.CompletedTask;
            case MessageType.Claim:
                return OnClaim(kind, message);
            case MessageType.Barrier:
                return OnBarrier(kind, message);
            default:
                Session.Report(
                    Session.Names.Queue(kind, partition.Index),
                    new InvalidDataException($"A message of type '{message.Properties.Type}' was dropped: calls, claims and barriers only are known here."));
                return AcknowledgeAsync(message.Tag);
        }
    }

    private void Take(string kind, Incoming message, CallBatch batch)
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            Own(kind);
            Take(new QueueDelivery(this, message.Tag, message.Properties.ReplyTo, batch.Calls.Count), batch.Calls);
        }
    }

    // The rest under the gate.
    private void Own(string kind)
    {
        if (!_owned.Add(kind))
            return;
        Session.Owners.Changed();
        Session.Host.OwnershipGained(kind, partition.Index);
    }

    private void Take(Delivery delivery, IReadOnlyCollection<Envelope> calls)
    {
        Began(calls.Count);
        partition.Took(calls.Count);
        foreach (var envelope in calls)
            Take(delivery, envelope);
    }

    private void Take(Delivery delivery, Envelope envelope)
    {
        BrokerCall call;
        try
        {
            call = new BrokerCall(delivery, this, envelope);
        }
#pragma warning disable CA1031 // Whatever it is that cannot be read: its sender hears of it, and the others in the message go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Session.Report($"{envelope.Kind}.{envelope.Method} of {envelope.Key}", exception);
            delivery.Settle(new Reply { MessageId = envelope.MessageId, Fault = Faults.ToFault(Faults.Describe(exception)) });
            return;
        }

        switch (Session.Host.Deliver(call))
        {
            case null:
                return;
            case GrainUnavailableException:
                // The silo has stopped; the message goes back with the channel.
                delivery.Leave(envelope.MessageId);
                return;
            case var refusal:
                call.Fail(refusal);
                return;
        }
    }

    private ValueTask OnClaim(string kind, Incoming message)
    {
        var claim = Claim.Parser.ParseFrom(message.Body.Span);
        lock (_gate)
        {
            if (_stopped)
                return ValueTask.CompletedTask;
        }

        // Unacknowledged, the claim goes to the next owner with everything else. Who was next in line only, and passes it on, calls nothing to life.
        if (claim.Incarnation != Session.Incarnation && partition.YieldTo(claim, this))
            return ValueTask.CompletedTask;
        lock (_gate)
        {
            if (_stopped)
                return ValueTask.CompletedTask;
            Own(kind);
        }

        return AcknowledgeAsync(message.Tag);
    }

    // All that its sender sent before it through this queue has been delivered.
    private ValueTask OnBarrier(string kind, Incoming message)
    {
        lock (_gate)
        {
            if (_stopped)
                return ValueTask.CompletedTask;
            Own(kind);
            Began(1);
        }

        new QueueDelivery(this, message.Tag, message.Properties.ReplyTo, 1).Settle(new Reply { MessageId = message.Properties.MessageId });
        return ValueTask.CompletedTask;
    }
}

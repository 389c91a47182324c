using Google.Protobuf;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>What the outbox sends and what then waits for its reply.</summary>
internal abstract class Parcel(string id, int size)
{
    private int _forgotten;

    /// <summary>Unique per call or item; its reply bears it.</summary>
    public string Id { get; } = id;

    /// <summary>Bytes, about.</summary>
    public int Size { get; } = size;

    /// <summary>Where it waits; its reply makes room there.</summary>
    public Lane Lane { get; set; } = null!;

    /// <summary>While it is sent and unanswered: its place among those of its lane. Under the lane's gate, like the next two.</summary>
    public LinkedListNode<Parcel>? Place { get; set; }

    /// <summary>Where it went straight; null: through the queue.</summary>
    public Route? Route { get; set; }

    /// <summary>Its place in what its lane sends; 0 before it is sent for the first time.</summary>
    public long Number { get; set; }

    /// <summary>It has its outcome.</summary>
    public bool IsDone { get; set; }

    /// <summary>Nothing comes back.</summary>
    public virtual bool IsOneWay => false;

    /// <summary>True for the first who forgets it.</summary>
    public bool TryForget() => Interlocked.Exchange(ref _forgotten, 1) == 0;

    /// <summary>Nobody waits any longer: it need not be sent.</summary>
    public abstract bool IsSettled { get; }

    /// <summary>The broker has it.</summary>
    public virtual void HandedOver()
    {
    }

    /// <summary>What came back.</summary>
    public abstract void Settle(Reply reply);

    /// <summary>It was not handed over, or no reply will come.</summary>
    public abstract void Fail(GridException error);

    /// <summary>No queue takes it.</summary>
    public abstract GridException NotHosted();
}

/// <summary>A call of a grain.</summary>
internal class CallParcel(GrainCall call, string id) : Parcel(id, call.Request.CalculateSize() + call.Key.Length + Overhead)
{
    // Names, id and framing of one call.
    private const int Overhead = 64;

    public override bool IsSettled => call.IsSettled;

    protected GrainCall Call => call;

    public Envelope ToEnvelope(DateTimeOffset now) => Envelopes.Write(call, Id, now);

    public override void Settle(Reply reply) => Envelopes.Settle(call, reply);

    public override void Fail(GridException error) => call.Fail(error);

    public override GridException NotHosted() => new GrainNotHostedException(
        $"No silo of this cluster hosts grains of kind '{call.Method.Kind}': {call.Method} of {call.Key} was not started.");
}

/// <summary>A call that nothing comes back for: who sends it waits until the broker has it.</summary>
internal sealed class OneWayParcel(GrainCall call, string id) : CallParcel(call, id)
{
    private readonly TaskCompletionSource _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool IsOneWay => true;

    public Task WhenHandedOver => _handedOver.Task;

    public override void HandedOver() => _handedOver.TrySetResult();

    public override void Fail(GridException error) => _handedOver.TrySetException(error);
}

/// <summary>Asks whoever owns a partition to answer when everything that was sent before has been delivered.</summary>
internal sealed class Barrier(string id) : Parcel(id, 0)
{
    public override bool IsSettled => false;

    public override void Settle(Reply reply)
    {
        // That it came is all that it says.
    }

    public override void Fail(GridException error)
    {
        // Its lane goes on through the queue.
    }

    public override GridException NotHosted() => new GrainNotHostedException("Nobody hosts the kind.");
}

/// <summary>A work item.</summary>
internal sealed class WorkParcel(WorkCall work, string id) : Parcel(id, work.Request.CalculateSize())
{
    public override bool IsSettled => work.CancellationToken.IsCancellationRequested;

    public byte[] ToBytes() => Envelopes.Write(work, Id).ToByteArray();

    public override void Settle(Reply reply) => Envelopes.Settle(work, reply);

    public override void Fail(GridException error) => work.Fail(error);

    public override GridException NotHosted() => new GrainNotHostedException(
        $"No silo of this cluster has a handler for work, so none of kind '{work.Kind}': add it with SiloBuilder.AddWork.");
}

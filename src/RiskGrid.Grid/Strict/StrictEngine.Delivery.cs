namespace RiskGrid.Grid;

/// <content>What happens to a parcel.</content>
public sealed partial class StrictEngine
{
    // The lane of decisions about replies, which belong to no lane of messages.
    private const ulong ReplyLane = 1001;

    // Held while a partition's calls are delivered or its ownership is lost: what is delivered again goes before what comes after
    // it, as on a queue that takes back what was not acknowledged.
    private readonly Lock[] _partitions = [.. Enumerable.Range(0, Partition.Count).Select(_ => new Lock())];
    private long _replies;

    /// <summary>Delivers a parcel that has come to the end of its lane, and rolls what else happens to it.</summary>
    internal void Arrive(StrictParcel parcel, Dice dice)
    {
        try
        {
            if (_host is not { } host)
            {
                parcel.Refuse(Silo.Stopping());
                return;
            }

            if (parcel.MayBeLost && dice.Chance(Options.Losses))
                return;
            if (parcel.Receiver is not { } receiver)
                parcel.Deliver(host, repeated: false);
            else
                DeliverToPartition(host, parcel, receiver.Kind, Partition.Of(receiver.Key), dice);
            if (dice.Chance(Options.Duplicates))
                After(1 + dice.UpTo(2 * Options.MaxHops), () => Repeat(parcel));
        }
#pragma warning disable CA1031 // One message's trouble is reported and the lane goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report(parcel.Name, exception);
        }
        finally
        {
            Ended();
        }
    }

    /// <summary>What was under way when its receiver's ownership was lost; at once, so that it keeps its place.</summary>
    internal void Redeliver(StrictParcel parcel)
    {
        if (_host is { } host)
            parcel.Deliver(host, repeated: false);
        else
            parcel.Refuse(Silo.Stopping());
    }

    /// <summary>A reply's way back: replies overtake each other.</summary>
    internal void Return(Action settle)
    {
        var dice = new Dice(Options.Seed, ReplyLane, (ulong)Interlocked.Increment(ref _replies));
        After(dice.UpTo(Options.MaxHops), settle);
    }

    private void DeliverToPartition(IEngineHost host, StrictParcel parcel, string kind, int partition, Dice dice)
    {
        var lost = dice.Chance(Options.LostOwnership);
        var before = dice.Chance(0.5);
        lock (_partitions[partition])
        {
            if (lost && before)
                Move(host, kind, partition);
            parcel.Deliver(host, repeated: false);
            if (lost && !before)
                Move(host, kind, partition);
        }
    }

    // To the next owner, who is the same silo here.
    private static void Move(IEngineHost host, string kind, int partition)
    {
        host.OwnershipLost(kind, partition);
        host.OwnershipGained(kind, partition);
    }

    private void Repeat(StrictParcel parcel)
    {
        if (_host is not { } host)
            return;
        if (parcel.Receiver is not { } receiver)
        {
            parcel.Deliver(host, repeated: true);
            return;
        }

        // Not between what was lost and its new delivery: it would come before what the first delivery came after.
        lock (_partitions[Partition.Of(receiver.Key)])
            parcel.Deliver(host, repeated: true);
    }

    private void After(int hops, Action action)
    {
        Began();
        _ = Task.Run(async () =>
        {
            for (; hops > 0; hops--)
                await Task.Yield();
            try
            {
                action();
            }
#pragma warning disable CA1031 // Nobody awaits this.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Report("delivery", exception);
            }
            finally
            {
                Ended();
            }
        });
    }

    private void Report(string what, Exception exception) =>
        _host?.Report(new GrainError(GrainErrorSource.Engine, "strict", "", what, exception));
}

namespace RiskGrid.Grid;

/// <summary>Messages that keep their order among each other: those of one sender to one grain, and a few others that share the
/// lane by hash.</summary>
internal sealed class StrictLane(StrictEngine engine, int index)
{
    private readonly Lock _gate = new();
    private readonly Queue<StrictParcel> _parcels = [];
    private bool _moving;
    private ulong _count;

    public void Enqueue(StrictParcel parcel)
    {
        engine.Began();
        lock (_gate)
        {
            _parcels.Enqueue(parcel);
            if (_moving)
                return;
            _moving = true;
        }

        _ = Task.Run(MoveAsync);
    }

    private async Task MoveAsync()
    {
        while (true)
        {
            StrictParcel? parcel;
            lock (_gate)
            {
                if (!_parcels.TryDequeue(out parcel))
                {
                    _moving = false;
                    return;
                }
            }

            var dice = new Dice(engine.Options.Seed, (ulong)index, _count++);
            for (var hops = dice.UpTo(engine.Options.MaxHops); hops > 0; hops--)
                await Task.Yield();
            engine.Arrive(parcel, dice);
        }
    }
}

using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Consumes one partition of all kinds, always: as its owner, or waiting in the broker's line to become it.</summary>
internal sealed class PartitionConsumer(Session session, int index)
{
    // A grain that is fenced time after time must not use its messages' deliveries up at once.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Forgiven = TimeSpan.FromSeconds(10);
    private const int RememberedClaimers = 64;

    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Dictionary<string, long> _yieldedFor = [];
    private volatile Lease? _lease;
    private TimeSpan _pause;
    private long _lastFenced;
    private long _taken;
    private bool _closed;

    public int Index => index;

    /// <summary>Calls ever taken.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    public bool IsQuiet => _lease is not { Running: > 0 };

    public bool Owns(string kind) => _lease?.Owns(kind) ?? false;

    /// <summary>The turn in the broker's line; null before the first.</summary>
    public Lease? Lease => _lease;

    public Lease? Find(uint lease) => _lease is { } current && current.Number == lease ? current : null;

    public void Took(int calls) => Interlocked.Add(ref _taken, calls);

    /// <summary>Stands in line for the first time.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A claim may be here before all kinds are consumed.
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>True when the partition is being given up, so that the claimer can have it.</summary>
    public bool YieldTo(Claim claim, Lease lease)
    {
        if (!Rank.IsBetter(claim.Incarnation, session.Incarnation, index) || session.Members.HasLeft(claim.Incarnation))
            return false;
        lock (_yieldedFor)
        {
            if (_yieldedFor.TryGetValue(claim.Incarnation, out var number) && number >= claim.Number)
                return lease.IsYielding;
            if (_yieldedFor.Count >= RememberedClaimers)
                _yieldedFor.Clear();
            _yieldedFor[claim.Incarnation] = claim.Number;
        }

        Yield(lease, session.Options.HandOverTime, TimeSpan.Zero, "a silo that ranks better has claimed it");
        return true;
    }

    /// <summary>Gives the partition up because of the ledger: another activation has written.</summary>
    public void YieldFenced(Lease lease)
    {
        // Nothing may overtake what has to come again.
        lease.Stop();
        TimeSpan pause;
        lock (_yieldedFor)
        {
            if (session.Clock.GetElapsedTime(_lastFenced) > Forgiven)
                _pause = TimeSpan.Zero;
            pause = _pause;
        }

        if (!Yield(lease, TimeSpan.Zero, pause, "an activation in it was fenced"))
            return;
        lock (_yieldedFor)
        {
            _lastFenced = session.Clock.GetTimestamp();
            _pause = pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Gives the partition up to whoever is next, and stands in line again. Completes when it does.</summary>
    public async Task YieldAsync(TimeSpan grace)
    {
        if (_lease is not { } lease || !lease.BeginYield())
            return;
        try
        {
            await ReopenAsync(lease, grace).ConfigureAwait(false);
        }
        catch (Exception exception) when (!session.Ended.IsCancellationRequested)
        {
            // Nobody would stand in line for it here any more.
            session.Lose($"reopening partition {index} failed: {exception.GetType().Name}: {exception.Message}");
            throw;
        }
    }

    /// <summary>Gives the partition up for good.</summary>
    public async Task CloseAsync(TimeSpan grace)
    {
        await _changing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            _closed = true;
            if (_lease is { IsLost: false } lease)
                await lease.EndAsync(grace).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The connection is gone, and the partition with it.</summary>
    public void Lose() => _lease?.Lose();

    private bool Yield(Lease lease, TimeSpan grace, TimeSpan pause, string why)
    {
        if (!lease.BeginYield())
            return false;
        session.Log.Yielded(index, why);
        session.Run(
            async () =>
            {
                if (pause > TimeSpan.Zero)
                    await Task.Delay(pause, session.Clock, session.Ended).ConfigureAwait(false);
                await ReopenAsync(lease, grace).ConfigureAwait(false);
            },
            $"reopening partition {index}");
        return true;
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var channel = await session.OpenChannelAsync(session.Listening, null, cancellationToken).ConfigureAwait(false);
        var lease = new Lease(this, session, channel);
        _lease = lease;
        if (session.IsLost)
            lease.Lose();
        await lease.ConsumeAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task ReopenAsync(Lease lease, TimeSpan grace)
    {
        // A few at a time, so that a silo that joins does not stop the world.
        using var turn = await session.Ownership.TakeTurnAsync(session.Ended).ConfigureAwait(false);
        await _changing.WaitAsync(session.Ended).ConfigureAwait(false);
        try
        {
            if (_closed)
                return;
            await lease.EndAsync(grace).ConfigureAwait(false);
            await OpenAsync(session.Ended).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }
}

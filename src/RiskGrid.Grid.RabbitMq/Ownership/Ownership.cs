using Google.Protobuf;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>The partitions: consumes them all, owns some, and claims those for which this silo ranks best.</summary>
internal sealed class Ownership(Session session)
{
    // Channels opened at a time, and partitions given up at a time.
    private const int AtATime = 8;

    // Of a silo that joins; so long it waits for one before it claims the next.
    private const int ClaimedAtATime = 2;
    private static readonly TimeSpan TakePatience = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TakePause = TimeSpan.FromMilliseconds(2);

    // A claim waits behind the calls of its queue; a second one soon would only wait with it.
    private static readonly TimeSpan ClaimPatience = TimeSpan.FromSeconds(3);

    private readonly PartitionConsumer[] _partitions =
        [.. Enumerable.Range(0, session.Kinds.Count == 0 ? 0 : Partition.Count).Select(i => new PartitionConsumer(session, i))];

    private readonly SemaphoreSlim _turns = new(AtATime, AtATime);
    private readonly Dictionary<(string Kind, int Partition), long> _claimed = [];
    private long _claims;
    private volatile bool _inLine;
    private uint _leases;

    /// <summary>Calls ever taken.</summary>
    public long Taken => _partitions.Sum(p => p.Taken);

    /// <summary>No call that was taken still runs.</summary>
    public bool IsQuiet => _partitions.All(p => p.IsQuiet);

    /// <summary>Stands in line everywhere, and then takes the partitions for which this silo ranks best among those it has heard of by now. Completes when
    /// it has them, or has waited long enough for those who have them now.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // All before the first claim, whoever makes it: a silo that cannot take its place takes nothing from others.
        await Parallel.ForEachAsync(
            _partitions, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
            async (partition, token) => await partition.StartAsync(token).ConfigureAwait(false)).ConfigureAwait(false);
        _inLine = true;

        // Only what it ranks best for: a claim is a durable message, and hundreds of them would keep a broker from the work of the silos. And a few
        // after the other: the grains of the first live, and work, while the last are on their way.
        await Parallel.ForEachAsync(
            _partitions.Where(RanksBest), new ParallelOptions { MaxDegreeOfParallelism = ClaimedAtATime, CancellationToken = cancellationToken },
            async (partition, token) => await TakeAsync(partition, token).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public bool Owns(string kind, int partition) => _partitions.Length > 0 && _partitions[partition].Owns(kind);

    /// <summary>It owns the partition and is not about to hand it over.</summary>
    public bool Takes(string kind, int partition) => _partitions.Length > 0 && _partitions[partition].Lease?.Takes(kind) == true;

    public int OwnedCount(string kind) => _partitions.Count(p => p.Owns(kind));

    /// <summary>The partition's lease, if it is still this one.</summary>
    public Lease? Find(uint partition, uint lease) => partition < _partitions.Length ? _partitions[partition].Find(lease) : null;

    /// <summary>Writes what this silo takes calls for.</summary>
    public void Describe(Owned owned)
    {
        foreach (var kind in session.Kinds)
            owned.Partitions[kind] = 0;
        for (var i = 0; i < _partitions.Length; i++)
        {
            var lease = _partitions[i].Lease;
            owned.Leases.Add(lease?.Number ?? 0);
            foreach (var kind in session.Kinds)
            {
                if (lease?.Takes(kind) == true)
                    owned.Partitions[kind] |= 1UL << i;
            }
        }
    }

    public uint NextLease() => Interlocked.Increment(ref _leases);

    /// <summary>Claims those for which this silo ranks best among those it has heard of, once it stands in line everywhere.</summary>
    public void ClaimBest()
    {
        if (_inLine)
            Claim(_partitions);
    }

    /// <summary>A silo has come or gone: what was claimed before says nothing any more.</summary>
    public void ForgetClaims()
    {
        lock (_claimed)
            _claimed.Clear();
    }

    public Task YieldAsync(int partition) => _partitions[partition].YieldAsync(TimeSpan.Zero);

    public async ValueTask<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(_turns);
    }

    /// <summary>Hands everything to others.</summary>
    public Task CloseAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_partitions.Select(p => p.CloseAsync(session.Options.DrainTime))).WaitAsync(cancellationToken);

    /// <summary>The connection is gone.</summary>
    public void LoseAll()
    {
        foreach (var partition in _partitions)
            partition.Lose();
    }

    private bool RanksBest(PartitionConsumer partition) => session.Kinds.Any(kind => session.Members.RanksBest(kind, partition.Index));

    private async Task TakeAsync(PartitionConsumer partition, CancellationToken cancellationToken)
    {
        Claim([partition]);
        var claimed = session.Clock.GetTimestamp();
        while (!session.Kinds.All(partition.Owns) && session.Clock.GetElapsedTime(claimed) < TakePatience)
            await Task.Delay(TakePause, session.Clock, cancellationToken).ConfigureAwait(false);
    }

    private void Claim(IEnumerable<PartitionConsumer> partitions)
    {
        lock (_claimed)
        {
            var number = ++_claims;
            foreach (var partition in partitions)
            {
                foreach (var kind in session.Kinds)
                {
                    if (!partition.Owns(kind) && session.Members.RanksBest(kind, partition.Index) && !TryClaim(kind, partition.Index, number))
                        return;
                }
            }
        }
    }

    // False: the claim cannot be sent now.
    private bool TryClaim(string kind, int partition, long number)
    {
        if (_claimed.TryGetValue((kind, partition), out var last) && session.Clock.GetElapsedTime(last) < ClaimPatience)
            return true;
        var claim = new Claim { Incarnation = session.Incarnation, Number = number };
        if (!session.Broadcasts.TrySend("", session.Names.Queue(kind, partition), MessageType.Claim, claim.ToByteArray()))
            return false;
        _claimed[(kind, partition)] = session.Clock.GetTimestamp();
        return true;
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}

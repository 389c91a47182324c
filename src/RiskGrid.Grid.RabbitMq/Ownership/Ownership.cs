using Google.Protobuf;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>The partitions: consumes them all, owns some, and claims those for which this silo ranks best.</summary>
internal sealed class Ownership(Session session)
{
    // Channels opened at a time, and partitions given up at a time.
    private const int AtATime = 8;

    // A claim waits behind the calls of its queue; a second one soon would only wait with it.
    private static readonly TimeSpan ClaimPatience = TimeSpan.FromSeconds(3);

    private readonly PartitionConsumer[] _partitions =
        [.. Enumerable.Range(0, session.Kinds.Count == 0 ? 0 : Partition.Count).Select(i => new PartitionConsumer(session, i))];

    private readonly SemaphoreSlim _turns = new(AtATime, AtATime);
    private readonly Dictionary<(string Kind, int Partition), long> _claimed = [];
    private long _claims;
    private uint _leases;

    /// <summary>Calls ever taken.</summary>
    public long Taken => _partitions.Sum(p => p.Taken);

    /// <summary>No call that was taken still runs.</summary>
    public bool IsQuiet => _partitions.All(p => p.IsQuiet);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(
            _partitions, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
            async (partition, token) => await partition.StartAsync(token).ConfigureAwait(false)).ConfigureAwait(false);
        // To all: each owner sees for itself whether this silo ranks better, before it has heard of anybody.
        Claim(session.Kinds.SelectMany(kind => _partitions.Select(p => (kind, p.Index))));
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

    /// <summary>Claims those for which this silo ranks best among those it has heard of.</summary>
    public void ClaimBest() => Claim(
        from kind in session.Kinds
        from partition in _partitions
        where !partition.Owns(kind) && session.Members.RanksBest(kind, partition.Index)
        select (kind, partition.Index));

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

    private void Claim(IEnumerable<(string Kind, int Partition)> wanted)
    {
        lock (_claimed)
        {
            var number = ++_claims;
            foreach (var (kind, partition) in wanted)
            {
                if (_claimed.TryGetValue((kind, partition), out var last) && session.Clock.GetElapsedTime(last) < ClaimPatience)
                    continue;
                var claim = new Claim { Incarnation = session.Incarnation, Number = number };
                if (!session.Broadcasts.TrySend("", session.Names.Queue(kind, partition), MessageType.Claim, claim.ToByteArray()))
                    return;
                _claimed[(kind, partition)] = session.Clock.GetTimestamp();
            }
        }
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}

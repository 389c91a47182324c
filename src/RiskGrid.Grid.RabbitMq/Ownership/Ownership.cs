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
        // Each is claimed as soon as it is consumed, and those that this silo is to own come first. Nobody is claimed from who ranks better, of
        // whom it has heard by now: a claim is a durable message, and hundreds of them would keep a broker from the work of the silos.
        var rest = _partitions.ToList();
        await StartAllAsync(rest, TakeBest, cancellationToken).ConfigureAwait(false);

        // For these it only stands in line, behind their owners, and nothing has to wait until it does.
        if (rest.Count > 0)
            session.Run(() => StartAllAsync(rest, TakeAny, session.Ended), "standing in line for the partitions of others");
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
    public void ClaimBest() => Claim(_partitions.Where(p => p.StandsInLine));

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

    private Task StartAllAsync(
        List<PartitionConsumer> rest, Func<List<PartitionConsumer>, PartitionConsumer?> next, CancellationToken cancellationToken)
    {
        return Task.WhenAll(Enumerable.Range(0, Math.Min(AtATime, rest.Count)).Select(_ => StartAsync()));

        async Task StartAsync()
        {
            while (next(rest) is { } partition)
            {
                await partition.StartAsync(cancellationToken).ConfigureAwait(false);
                Claim([partition]);
            }
        }
    }

    private PartitionConsumer? TakeBest(List<PartitionConsumer> rest) => Take(rest, rest => rest.FindIndex(RanksBest));

    private static PartitionConsumer? TakeAny(List<PartitionConsumer> rest) => Take(rest, rest => rest.Count - 1);

    private static PartitionConsumer? Take(List<PartitionConsumer> rest, Func<List<PartitionConsumer>, int> find)
    {
        lock (rest)
        {
            if (find(rest) is not (>= 0 and var at))
                return null;
            var partition = rest[at];
            rest.RemoveAt(at);
            return partition;
        }
    }

    private bool RanksBest(PartitionConsumer partition) => session.Kinds.Any(kind => session.Members.RanksBest(kind, partition.Index));

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

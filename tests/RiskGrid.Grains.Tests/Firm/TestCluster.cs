using Google.Protobuf;
using RiskGrid.Grid;

namespace RiskGrid.Grains.Tests;

/// <summary>Several silos of one process in one cluster: each kind of grains is owned by one of them, and that may change; any of them may
/// die.</summary>
internal sealed class TestCluster
{
    private readonly Lock _lock = new();
    private readonly List<Member> _members = [];
    private readonly Dictionary<string, Member> _owners = new(StringComparer.Ordinal);
    private int _nextWorker;
    private int _held;

    /// <summary>Topic messages that a member does not get.</summary>
    public Func<string, IGridEngine, bool> LosesTopic { get; set; } = (_, _) => false;

    /// <summary>Calls that are handed over only when this task is done.</summary>
    public Func<GrainCall, Task> Holds { get; set; } = _ => Task.CompletedTask;

    /// <summary>What becomes of a work item instead of being run; null when it is run.</summary>
    public Func<WorkCall, GridException?> RefusesWork { get; set; } = _ => null;

    /// <summary>Work is handed over only when this task is done.</summary>
    public Func<WorkCall, Task> HoldsWork { get; set; } = _ => Task.CompletedTask;

    /// <summary>Work items that are held.</summary>
    public int WorkUnderWay => Volatile.Read(ref _held);

    /// <summary>Work items handed to each member.</summary>
    public IReadOnlyList<int> WorkByMember
    {
        get
        {
            lock (_lock)
                return [.. _members.Select(m => m.Work)];
        }
    }

    /// <summary>The engine of one more silo. The first owns everything.</summary>
    public IGridEngine Join()
    {
        var member = new Member(this);
        lock (_lock)
            _members.Add(member);
        return member;
    }

    /// <summary>These kinds of grains go to this member; all of them when none is named.</summary>
    public void MoveTo(IGridEngine member, params string[] kinds)
    {
        if (kinds.Length == 0)
            kinds = ["market", "hierarchy", "book", "desk", "trade", "run", "runs"];
        foreach (var kind in kinds)
        {
            Member? before;
            lock (_lock)
            {
                before = OwnerLocked(kind);
                _owners[kind] = (Member)member;
            }

            if (!ReferenceEquals(before, member))
                before?.Lose(kind);
        }
    }

    /// <summary>A member is gone: it hears and says nothing any more, and another owns what it owned.</summary>
    public void Kill(IGridEngine member)
    {
        var dead = (Member)member;
        lock (_lock)
            dead.IsDead = true;
        dead.LoseAll();
    }

    private Member? Owner(string kind)
    {
        lock (_lock)
            return OwnerLocked(kind);
    }

    private Member? OwnerLocked(string kind) =>
        _owners.TryGetValue(kind, out var owner) && !owner.IsDead ? owner : _members.Find(m => !m.IsDead && m.IsStarted);

    private sealed class Member(TestCluster cluster) : IGridEngine
    {
        private IEngineHost? _host;

        public bool IsDead { get; set; }

        public bool IsStarted => _host is not null;

        public int Work { get; private set; }

        public Task StartAsync(IEngineHost host, CancellationToken cancellationToken)
        {
            _host = host;
            return Task.CompletedTask;
        }

        public async ValueTask CallAsync(GrainCall call)
        {
            if (cluster.Holds(call) is { IsCompleted: false } held)
                await held.ConfigureAwait(false);
            if (IsDead || cluster.Owner(call.Method.Kind)?._host is not { } owner)
                throw new GrainUnavailableException("no connection");
            if (owner.Deliver(call) is { } refusal)
                throw refusal;
        }

        public async ValueTask RunAsync(WorkCall work)
        {
            if (cluster.RefusesWork(work) is { } refused)
                throw refused;
            if (cluster.HoldsWork(work) is { IsCompleted: false } held)
            {
                Interlocked.Increment(ref cluster._held);
                await held.WaitAsync(work.CancellationToken).ConfigureAwait(false);
            }

            Member worker;
            lock (cluster._lock)
            {
                var alive = cluster._members.FindAll(m => !m.IsDead && m._host is not null);
                worker = alive[cluster._nextWorker++ % alive.Count];
                worker.Work++;
            }

            if (worker._host!.Deliver(work) is { } refusal)
                throw refusal;
        }

        public ValueTask PublishAsync(string topic, IMessage message)
        {
            if (IsDead)
                return ValueTask.FromException(new GrainUnavailableException("no connection"));
            List<Member> all;
            lock (cluster._lock)
                all = [.. cluster._members];
            foreach (var member in all.Where(m => !m.IsDead && !cluster.LosesTopic(topic, m)))
                member._host?.Deliver(topic, message);
            return ValueTask.CompletedTask;
        }

        public ValueTask<ClusterState> ReadClusterAsync(CancellationToken cancellationToken)
        {
            lock (cluster._lock)
            {
                return ValueTask.FromResult(new ClusterState(
                    "test",
                    [.. cluster._members.Where(m => !m.IsDead && m._host is not null).SelectMany(m => ClusterState.Alone("test", m._host!).Silos)],
                    []));
            }
        }

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            if (_host is not { } host)
                return;
            await host.DrainAsync(cancellationToken).ConfigureAwait(false);
            lock (cluster._lock)
                IsDead = true;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public void LoseAll()
        {
            foreach (var kind in _host?.Load.Activations.Keys ?? [])
                Lose(kind);
        }

        public void Lose(string kind)
        {
            for (var partition = 0; partition < Partition.Count; partition++)
                _host?.OwnershipLost(kind, partition);
        }
    }
}

using System.Collections.Concurrent;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Runs;

/// <summary>How the runs under way stand, as far as this silo has heard: for subscribers, and for workers that are to stop. Thread-safe.</summary>
/// <remarks>A subscriber waits for a change and then reads what it wants: however slow it is, it sees the newest and costs no queue. A topic
/// may lose messages, so nobody may rely on hearing an end: a subscriber also asks the run itself now and then.</remarks>
public sealed class RunBoard
{
    /// <summary>The topic on which runs say how they stand.</summary>
    public const string Topic = "runs";

    // The newest of each run under way, and who waits for its next change.
    private readonly ConcurrentDictionary<string, Entry> _runs = new(StringComparer.Ordinal);

    /// <summary>Takes in a published state; older ones are ignored.</summary>
    public void Apply(RunChanged changed)
    {
        if (changed.Run.State == RunState.Running)
            _runs.GetOrAdd(changed.Run.RunId, static _ => new Entry()).Set(changed);
        else if (_runs.TryRemove(changed.Run.RunId, out var entry))
            entry.End(changed);
    }

    /// <summary>The newest state heard of a run that is under way, or null.</summary>
    public Run? Latest(string runId) => _runs.TryGetValue(runId, out var entry) ? entry.Latest?.Run : null;

    /// <summary>Completes with the first change of a run after the call. Take it before reading, so that no change slips between.</summary>
    public Task NextChange(string runId) => _runs.GetOrAdd(runId, static _ => new Entry()).NextChange;

    /// <summary>A token that is cancelled when this silo hears that the run has ended.</summary>
    public CancellationToken Ended(string runId) => _runs.GetOrAdd(runId, static _ => new Entry()).Ended;

    /// <summary>Forgets a run that turned out to be over.</summary>
    public void Forget(string runId) => _runs.TryRemove(runId, out _);

    private sealed class Entry
    {
        // Never disposed: it has no timer, and tokens of it live on in work that is being stopped.
        private readonly CancellationTokenSource _ended = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private RunChanged? _latest;

        public RunChanged? Latest => Volatile.Read(ref _latest);

        public Task NextChange => Volatile.Read(ref _changed).Task;

        public CancellationToken Ended => _ended.Token;

        public void Set(RunChanged changed)
        {
            RunChanged? known;
            do
            {
                known = Latest;
                if (known is not null && known.Version >= changed.Version)
                    return;
            }
            while (!ReferenceEquals(Interlocked.CompareExchange(ref _latest, changed, known), known));
            Wake();
        }

        public void End(RunChanged changed)
        {
            Volatile.Write(ref _latest, changed);
            Wake();
            _ended.Cancel();
        }

        private void Wake() =>
            Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}

using System.Collections.Concurrent;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Nodes;

/// <summary>The newest rollup of every node that this process has heard of, for subscribers. Thread-safe.</summary>
/// <remarks>A subscriber waits for a change and then reads what it wants: however slow it is, it sees the newest and costs no queue. Topics may
/// lose messages: of a node that is silent for a while, subscribers have the node asked (<see cref="Freshen"/>), for all of them at once and a
/// few nodes at a time.</remarks>
public sealed class RollupBoard
{
    /// <summary>The topic on which nodes publish their rollups.</summary>
    public const string Topic = "rollups";

    private const int QuestionsAtATime = 16;

    // A node that could not be asked is asked again after this.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, Entry> _nodes = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _questions = new(QuestionsAtATime);
    private readonly Func<string, bool, long, Task<Rollup>> _ask;
    private readonly TimeProvider _time;
    private readonly Troubles _troubles;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Creates an empty board.</summary>
    /// <param name="ask">Asks a node (true: a book) for its rollup unless it is of the version named; within a time limit.</param>
    /// <param name="time">The clock of silence.</param>
    /// <param name="troubles">Where it is reported that a node cannot be asked.</param>
    public RollupBoard(Func<string, bool, long, Task<Rollup>> ask, TimeProvider time, Troubles troubles)
    {
        _ask = ask;
        _time = time;
        _troubles = troubles;
    }

    /// <summary>Completes with the first news after the call. Take it before reading, so that no change slips between.</summary>
    public Task NextChange => Volatile.Read(ref _changed).Task;

    /// <summary>The rollup when it is newer than what is known; otherwise only its node and version.</summary>
    public static Rollup IfNewer(Rollup rollup, RollupKnown known)
    {
        ArgumentNullException.ThrowIfNull(rollup);
        ArgumentNullException.ThrowIfNull(known);
        return known.Version == 0 || rollup.Version > known.Version ? rollup : new Rollup { NodeId = rollup.NodeId, Version = rollup.Version };
    }

    /// <summary>Takes in a published rollup; older ones are ignored.</summary>
    public void Apply(Rollup rollup)
    {
        ArgumentNullException.ThrowIfNull(rollup);
        if (Of(rollup.NodeId).Take(rollup, _time.GetTimestamp()))
            Changed();
    }

    /// <summary>The newest rollup of a node, or null.</summary>
    public Rollup? Latest(string nodeId) => _nodes.TryGetValue(nodeId, out var entry) ? entry.Latest : null;

    /// <summary>Whether the node itself was heard, published or asked, since a timestamp of the board's clock.</summary>
    public bool HeardSince(string nodeId, long timestamp) => _nodes.TryGetValue(nodeId, out var entry) && entry.HeardSince(timestamp);

    /// <summary>Has a node asked that was not heard for a while, unless it is being asked already. What it answers is news, even when it is not
    /// newer.</summary>
    public void Freshen(string nodeId, bool isBook, TimeSpan silence)
    {
        var entry = Of(nodeId);
        if (entry.BeginAsking(_time, silence))
            _ = AskAsync(entry, nodeId, isBook);
    }

    private async Task AskAsync(Entry entry, string nodeId, bool isBook)
    {
        await _questions.WaitAsync().ConfigureAwait(false);
        try
        {
            var answer = await _ask(nodeId, isBook, entry.Latest?.Version ?? 0).ConfigureAwait(false);
            entry.Take(answer, _time.GetTimestamp());
            Changed();
        }
        catch (Exception e)
        {
            entry.NotBefore(_time.GetTimestamp() + (long)(RetryAfter.TotalSeconds * _time.TimestampFrequency));
            _troubles.ViewNotFetched($"node {nodeId}", e);
        }
        finally
        {
            entry.EndAsking();
            _questions.Release();
        }
    }

    private Entry Of(string nodeId) => _nodes.GetOrAdd(nodeId, static _ => new Entry());

    private void Changed() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private sealed class Entry
    {
        private readonly Lock _lock = new();
        private Rollup? _latest;
        private long? _heard;
        private long _notBefore = long.MinValue;
        private bool _asking;

        public Rollup? Latest
        {
            get
            {
                lock (_lock)
                    return _latest;
            }
        }

        public bool Take(Rollup rollup, long now)
        {
            lock (_lock)
            {
                _heard = now;
                if (_latest is not null && rollup.Version <= _latest.Version)
                    return false;
                _latest = rollup;
                return true;
            }
        }

        public bool HeardSince(long timestamp)
        {
            lock (_lock)
                return _latest is not null && _heard >= timestamp;
        }

        public bool BeginAsking(TimeProvider time, TimeSpan silence)
        {
            lock (_lock)
            {
                if (_asking || time.GetTimestamp() < _notBefore || (_heard is { } heard && time.GetElapsedTime(heard) < silence))
                    return false;
                return _asking = true;
            }
        }

        public void NotBefore(long timestamp)
        {
            lock (_lock)
                _notBefore = timestamp;
        }

        public void EndAsking()
        {
            lock (_lock)
                _asking = false;
        }
    }
}

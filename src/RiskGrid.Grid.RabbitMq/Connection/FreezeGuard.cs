namespace RiskGrid.Grid.RabbitMq;

/// <summary>Notices that the process was stopped for so long that the broker may have given its partitions away: what is buffered then must
/// not be delivered any more. Spares needless double work; the fence is the ledger's epoch.</summary>
internal sealed class FreezeGuard : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);
    private readonly TimeProvider _clock;
    private readonly Action<TimeSpan> _frozen;
    private readonly ManualResetEventSlim _ended = new();
    private long _lastBeat;

    /// <summary><paramref name="frozen"/> hears of it once per freeze, perhaps from several threads.</summary>
    public FreezeGuard(TimeProvider clock, TimeSpan limit, Action<TimeSpan> frozen)
    {
        _clock = clock;
        _frozen = frozen;
        Limit = limit;
        _lastBeat = clock.GetTimestamp();
        // A thread of its own: a thread pool that is busy for seconds is not a process that was stopped.
        new Thread(Run) { IsBackground = true, Name = "RiskGrid freeze guard" }.Start();
    }

    public TimeSpan Limit { get; }

    /// <summary>To be asked before anything that was buffered is delivered.</summary>
    public void Check()
    {
        var silence = _clock.GetElapsedTime(Interlocked.Read(ref _lastBeat));
        if (silence > Limit)
            _frozen(silence);
    }

    public void Dispose() => _ended.Set();

    private void Run()
    {
        while (!_ended.Wait(Beat))
        {
            Check();
            Interlocked.Exchange(ref _lastBeat, _clock.GetTimestamp());
        }
    }
}

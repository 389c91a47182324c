using RiskGrid.Grid;

namespace RiskGrid.Grains;

/// <summary>Troubles that come in floods, such as a broker that restarts under thousands of nodes: the first of a kind is told at once, then at
/// most one a minute with how many there were. Thread-safe.</summary>
/// <param name="log">Where they are told.</param>
/// <param name="time">The clock of the minute.</param>
public sealed class Troubles(GrainLog log, TimeProvider time)
{
    private readonly Gate _reports = new(time);
    private readonly Gate _turns = new(time);
    private readonly Gate _fetches = new(time);
    private readonly Gate _ledger = new(time);
    private readonly Gate _market = new(time);

    /// <summary>A node could not tell the desk above or subscribers.</summary>
    public void ReportNotSent(string node, Exception exception)
    {
        if (_reports.Opens(out var before))
            log.ReportNotSent(node, before, exception);
    }

    /// <summary>What a process knows of the cluster could not be refreshed.</summary>
    public void ViewNotFetched(string view, Exception exception)
    {
        if (_fetches.Opens(out var before))
            log.ViewNotFetched(view, before, exception);
    }

    /// <summary>A node could not look at the ledger.</summary>
    public void LedgerNotRead(string node, Exception exception)
    {
        if (_ledger.Opens(out var before))
            log.LedgerNotRead(node, before, exception);
    }

    /// <summary>A market's state could not be stored.</summary>
    public void MarketNotKept(string market, Exception exception)
    {
        if (_market.Opens(out var before))
            log.MarketNotKept(market, before, exception);
    }

    /// <summary>A turn that nobody waits for failed.</summary>
    public void TurnFailed(GrainError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (!IsPassing(error.Exception))
            log.TurnFailed(error.ToString(), error.Exception);
        else if (_turns.Opens(out var before))
            log.TurnNotPossible($"{error.Source} {error.Operation} of {error.Kind}/{error.Key}", before, error.Exception);
    }

    /// <summary>Whether the same may succeed soon: ownership that moves, a broker, a ledger or a silo that cannot be used for now.</summary>
    public static bool IsPassing(Exception exception) => exception is GridException
    {
        Code: GridErrorCode.Unavailable or GridErrorCode.ResourceExhausted or GridErrorCode.DeadlineExceeded or GridErrorCode.Aborted,
    } or GrainNotHostedException;

    private sealed class Gate(TimeProvider time)
    {
        private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

        private readonly Lock _lock = new();
        private long? _opened;
        private long _missed;

        public bool Opens(out long missed)
        {
            lock (_lock)
            {
                missed = _missed;
                if (_opened is { } opened && time.GetElapsedTime(opened) < Period)
                {
                    _missed++;
                    return false;
                }

                (_opened, _missed) = (time.GetTimestamp(), 0);
                return true;
            }
        }
    }
}

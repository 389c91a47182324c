using NodaTime;
using RiskGrid.Ledger;

namespace RiskGrid.Grains;

/// <summary>The ledger's clock as read once and carried on by this process's stopwatch: silos whose own clocks disagree, or jump, agree on
/// it. Immutable.</summary>
/// <param name="time">The stopwatch.</param>
/// <param name="read">What the ledger's clock said a moment ago.</param>
internal sealed class LedgerClock(TimeProvider time, Instant read)
{
    private readonly long _at = time.GetTimestamp();

    /// <summary>The ledger's time now.</summary>
    public Instant Now => read + Duration.FromTimeSpan(time.GetElapsedTime(_at));

    /// <summary>Asks the ledger.</summary>
    /// <exception cref="Grid.GrainCallException">It can't be used now: UNAVAILABLE.</exception>
    public static async Task<LedgerClock> ReadAsync(ILedger ledger, TimeProvider time, CancellationToken cancellationToken) =>
        new(time, await ledger.AskAsync(l => l.ReadClockAsync(cancellationToken)).ConfigureAwait(false));
}

namespace RiskGrid.Hosting;

/// <summary>A machine whose clock is wrong by so much; its stopwatch and timers are right.</summary>
/// <param name="by">How far it is ahead.</param>
internal sealed class OffsetTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}

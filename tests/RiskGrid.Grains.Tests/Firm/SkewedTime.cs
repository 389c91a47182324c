namespace RiskGrid.Grains.Tests;

/// <summary>A machine whose clock is wrong by so much; its stopwatch and timers are right.</summary>
internal sealed class SkewedTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}

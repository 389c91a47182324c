using RiskGrid.Gateway.Rpc;
using RiskGrid.Grains;
using RiskGrid.Grid;

namespace RiskGrid.Gateway.Services;

/// <summary>Grains as one call from outside asks them: its reply may be lost with a silo, so that nothing waits without a limit.</summary>
internal static class GrainCalls
{
    // The caller's own deadline is told first.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>For what waits for work to be done: until the caller's deadline, or <see cref="CallTimes.Long"/> without one.</summary>
    public static IGrains For(this IGrains grains, RpcContext context, TimeProvider time) => grains.WithTimeout(Left(context, time) ?? CallTimes.Long);

    /// <summary>For what is answered soon: until the caller's deadline, so that silos with more to do than they can drop what nobody waits for any
    /// longer in place of doing it late; for <see cref="CallTimes.Usual"/> at most.</summary>
    public static IGrains Briefly(this IGrains grains, RpcContext context, TimeProvider time) =>
        grains.WithTimeout(Left(context, time) is { } left && left < CallTimes.Usual ? left : CallTimes.Usual);

    private static TimeSpan? Left(RpcContext context, TimeProvider time)
    {
        var left = context.Deadline - time.GetUtcNow();
        return left is null ? null : (left > TimeSpan.Zero ? left : TimeSpan.Zero) + Slack;
    }
}

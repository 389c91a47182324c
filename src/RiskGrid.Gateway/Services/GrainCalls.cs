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
    public static IGrains For(this IGrains grains, RpcContext context, TimeProvider time)
    {
        var left = context.Deadline - time.GetUtcNow() ?? CallTimes.Long;
        return grains.WithTimeout((left > TimeSpan.Zero ? left : TimeSpan.Zero) + Slack);
    }
}

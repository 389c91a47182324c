using RiskGrid.Grains;
using RiskGrid.Grid;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Services;

/// <summary>Failures of grains as callers of the front door see them.</summary>
/// <remarks>Whatever comes from ownership that moves, from a broker, a ledger or a silo that cannot be used for now, is UNAVAILABLE with a hint when
/// to try again, also when a reply did not come within the grid's own time limit: every call may be repeated as it is, commands with the same
/// ids.</remarks>
public static class GridErrors
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>The call's outcome, or null when the failure is not the grid's.</summary>
    public static RpcException? Map(Exception exception) => exception switch
    {
        GrainCallException { Code: not (GridErrorCode.Unavailable or GridErrorCode.ResourceExhausted) } e =>
            new RpcException((RpcStatus)e.Code, e.Message, [.. e.Details], e),
        GridException { Code: GridErrorCode.ResourceExhausted } e => RpcException.RetryLater(RpcStatus.ResourceExhausted, e.Message, RetryAfter),
        GridException e when Troubles.IsPassing(e) => RpcException.RetryLater(RpcStatus.Unavailable, e.Message, RetryAfter),
        _ => null,
    };
}

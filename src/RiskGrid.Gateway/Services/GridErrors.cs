using RiskGrid.Grid;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Services;

/// <summary>Failures of grains as callers of the front door see them.</summary>
public static class GridErrors
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>The call's outcome, or null when the failure is not the grid's.</summary>
    public static RpcException? Map(Exception exception) => exception switch
    {
        GrainCallException e => new RpcException((RpcStatus)e.Code, e.Message, [.. e.Details], e),
        GridException { Code: GridErrorCode.Unavailable or GridErrorCode.ResourceExhausted } e =>
            RpcException.RetryLater((RpcStatus)e.Code, e.Message, RetryAfter),
        GridException { Code: GridErrorCode.DeadlineExceeded } e => new RpcException(RpcStatus.DeadlineExceeded, e.Message),
        _ => null,
    };
}

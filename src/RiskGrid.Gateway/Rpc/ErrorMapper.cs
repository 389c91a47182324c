using Microsoft.Extensions.Logging;
using RiskGrid.Model;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>What the caller is told about a failure: never a stack trace, never the text of an unexpected exception.</summary>
internal sealed class ErrorMapper(GatewayOptions options, ILogger log, CancellationToken drain)
{
    public RpcException Map(Exception failure, RpcCall call)
    {
        if (failure is RpcException known)
            return known;
        if (failure is CallerGoneException or StalledReaderException)
            return new RpcException(RpcStatus.Cancelled, failure.Message);
        if (failure is OperationCanceledException && call.Cancellation.IsCancellationRequested)
            return OfCancellation(call);
        if (MapByHook(failure, call) is { } mapped)
            return mapped;
        return failure switch
        {
            ValidationException invalid => RpcException.InvalidField(invalid.Field, invalid.Reason),
            OperationCanceledException => new RpcException(RpcStatus.Cancelled, "the call was cancelled inside the server"),
            _ => Unexpected(failure, call),
        };
    }

    private RpcException OfCancellation(RpcCall call)
    {
        if (call.IsDeadlineReached)
            return new RpcException(RpcStatus.DeadlineExceeded, "the deadline passed before the call was done");
        return drain.IsCancellationRequested && !call.Http.RequestAborted.IsCancellationRequested
            ? Draining()
            : new RpcException(RpcStatus.Cancelled, "the caller gave up");
    }

    private RpcException? MapByHook(Exception failure, RpcCall call)
    {
        try
        {
            return options.MapException?.Invoke(failure);
        }
#pragma warning disable CA1031 // A hook that throws must not take the place of the failure it was asked about.
        catch (Exception e)
#pragma warning restore CA1031
        {
            log.MapperFailed(e, call.Context.CallId);
            return null;
        }
    }

    private RpcException Unexpected(Exception failure, RpcCall call)
    {
        log.CallFailed(failure, call.Context.Method, call.Context.CallId, call.Context.Peer);
        return new RpcException(RpcStatus.Internal, $"the server failed; its log names the cause under call {call.Context.CallId}");
    }

    public static RpcException Draining() =>
        RpcException.RetryLater(RpcStatus.Unavailable, "the server is shutting down: connect again", TimeSpan.FromSeconds(1));
}

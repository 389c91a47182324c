using Polly;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>The end of a call with all its tries and pauses.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly TimeSpan? _timeout;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly CancellationToken _callerToken;
    private readonly CancellationTokenSource? _reached;
    private readonly CancellationTokenSource _linked;
    private RpcException? _lastFailure;

    public Deadline(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        _timeout = timeout == Timeout.InfiniteTimeSpan ? null : timeout;
        _time = time;
        _start = time.GetTimestamp();
        _callerToken = cancellationToken;
        _reached = _timeout is { } limit ? new CancellationTokenSource(limit, time) : null;
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _reached?.Token ?? default);
    }

    /// <summary>Cancelled at the deadline and with the caller's token.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>What is left, never below zero; null without a limit.</summary>
    public TimeSpan? Remaining => _timeout is { } limit ? Max(limit - _time.GetElapsedTime(_start), TimeSpan.Zero) : null;

    /// <summary>Runs tries until one succeeds or fails for good.</summary>
    /// <exception cref="RpcException">DEADLINE_EXCEEDED when the time is up, naming the last failure.</exception>
    public async Task<T> RunAsync<T>(ResiliencePipeline pipeline, Func<CancellationToken, Task<T>> attempt)
    {
        try
        {
            return await pipeline.ExecuteAsync(
                async token =>
                {
                    try
                    {
                        return await attempt(token).ConfigureAwait(false);
                    }
                    catch (RpcException e)
                    {
                        _lastFailure = e;
                        throw;
                    }
                },
                _linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (_callerToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("the call was cancelled", e, _callerToken);
        }
        catch (OperationCanceledException e) when (_reached?.IsCancellationRequested == true)
        {
            var last = _lastFailure is null ? "" : $"; the last try failed: {_lastFailure.Message}";
            throw new RpcException(RpcStatus.DeadlineExceeded, $"no answer within {_timeout?.TotalSeconds} s{last}", [], e);
        }
    }

    public void Dispose()
    {
        _linked.Dispose();
        _reached?.Dispose();
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}

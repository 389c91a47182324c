using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>One call as a protocol carries it: gRPC, Connect unary or Connect streaming. Requests may be read while responses are written;
/// neither twice at once.</summary>
internal abstract class RpcCall : IDisposable
{
    private readonly CancellationTokenSource? _deadlineReached;
    private readonly CancellationTokenSource? _linked;

    protected RpcCall(HttpContext http, RpcMethod method, GatewayOptions options, MessageCodec codec, TimeSpan? timeout, CancellationToken drain)
    {
        Http = http;
        Options = options;
        Codec = codec;
        Context = new RpcContext(http, method.Path, timeout is { } left ? options.Time.GetUtcNow() + left : null);

        // The common call without deadline needs no source of its own.
        if (timeout is { } wait)
            _deadlineReached = new CancellationTokenSource(wait, options.Time);
        var drained = method.IsStreaming ? drain : CancellationToken.None;
        if (_deadlineReached is not null || drained.CanBeCanceled)
            _linked = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _deadlineReached?.Token ?? default, drained);
        Cancellation = _linked?.Token ?? http.RequestAborted;
    }

    public HttpContext Http { get; }

    public RpcContext Context { get; }

    /// <summary>Cancelled when the caller is gone, at the deadline, and for streams when the server drains.</summary>
    public CancellationToken Cancellation { get; }

    public bool IsDeadlineReached => _deadlineReached?.IsCancellationRequested == true;

    protected GatewayOptions Options { get; }

    protected MessageCodec Codec { get; }

    /// <summary>The next request, or null after the last.</summary>
    public abstract ValueTask<T?> ReadAsync<T>()
        where T : class, IMessage<T>, new();

    /// <summary>Sends the response's headers now, so that the caller of a stream knows that it is open.</summary>
    public abstract ValueTask StartAsync();

    /// <summary>Sends a response and, for streams, waits until it has left for the caller.</summary>
    public abstract ValueTask WriteAsync(IMessage message);

    /// <summary>Sends the outcome. Called once, last.</summary>
    public abstract Task CompleteAsync(RpcException? error);

    public void Dispose()
    {
        _linked?.Dispose();
        _deadlineReached?.Dispose();
    }

    /// <summary>The limit from which a response is compressed, when the caller's header allows it.</summary>
    protected int? CompressFrom(string? accepted) => accepted is not null && Accepts(accepted) ? Options.CompressResponsesFrom : null;

    /// <summary>The next frame of the request. Transport failures are told apart from the handler's own, which may be I/O as well.</summary>
    protected async ValueTask<MessageFrame?> ReadFrameAsync(FrameReader requests)
    {
        try
        {
            return await requests.ReadAsync(Cancellation).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"the request is broken: {e.Message}", [], e);
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            throw new CallerGoneException(e);
        }
    }

    /// <summary>Waits until the pipe accepts more. A caller that takes nothing for <see cref="GatewayOptions.StalledReaderTimeout"/> is
    /// cut off: it holds a handler and buffers that others need.</summary>
    /// <param name="output">The response's body.</param>
    /// <param name="cancellationToken">Gives up; the outcome of a call is sent after its deadline as well.</param>
    protected async ValueTask FlushAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        var pending = output.FlushAsync(cancellationToken);
        if (!pending.IsCompleted)
        {
            try
            {
                pending = new ValueTask<FlushResult>(
                    await pending.AsTask().WaitAsync(Options.StalledReaderTimeout, Options.Time).ConfigureAwait(false));
            }
            catch (TimeoutException)
            {
                Http.Abort();
                throw new StalledReaderException();
            }
        }

        // A connection that is gone completes the flush without an error.
        if ((await pending.ConfigureAwait(false)).IsCompleted)
            throw new OperationCanceledException("the caller is gone", Http.RequestAborted);
    }

    private static bool Accepts(string accepted)
    {
        foreach (var part in accepted.AsSpan().Split(','))
        {
            var name = accepted.AsSpan(part).Trim();
            var parameters = name.IndexOf(';');
            if (parameters >= 0 && name[parameters..].Contains("q=0", StringComparison.Ordinal) && !name[parameters..].Contains("q=0.", StringComparison.Ordinal))
                continue;
            if ((parameters < 0 ? name : name[..parameters].TrimEnd()).Equals(Gzip.Name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}

/// <summary>The request ended before it was complete: the caller cancelled it or its connection broke.</summary>
internal sealed class CallerGoneException(Exception cause) : Exception("the caller is gone", cause);

/// <summary>The caller stopped reading; its stream has been reset.</summary>
internal sealed class StalledReaderException() : Exception("the caller stopped reading");

using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using Google.Protobuf;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>One try of a call. Disposing it before the end resets the stream, which cancels the handler.</summary>
internal sealed class ClientCall<TRequest, TResponse> : IDisposable
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>, new()
{
    private readonly RpcChannel _channel;
    private readonly RpcCallOptions _options;
    private readonly TimeSpan? _timeout;
    private readonly CancellationToken _callerToken;
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource _ended;
    private RequestContent<TRequest>? _content;
    private HttpResponseMessage? _response;
    private PipeReader? _body;
    private FrameReader? _frames;
    private string? _encoding;

    public ClientCall(RpcChannel channel, RpcCallOptions options, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        _channel = channel;
        Address = channel.Address;
        _options = options;
        _timeout = timeout;
        _callerToken = cancellationToken;
        _deadline = timeout is { } left ? new CancellationTokenSource(left, channel.Options.Time) : null;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _deadline?.Token ?? default);
    }

    /// <summary>The server that is asked.</summary>
    public Uri Address { get; }

    /// <summary>Sends the request; returns when the response's headers are there.</summary>
    /// <param name="method">What is called.</param>
    /// <param name="requests">What is sent.</param>
    /// <param name="trace">The span that the server continues, or null.</param>
    public async Task StartAsync(RpcMethod<TRequest, TResponse> method, IAsyncEnumerable<TRequest> requests, Activity? trace)
    {
        _content = new RequestContent<TRequest>(requests, method.Descriptor.IsClientStreaming, _options.Compress, _ended.Token);
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, method.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = _content,
        };
        message.Headers.TryAddWithoutValidation("te", "trailers");
        message.Headers.TryAddWithoutValidation("user-agent", "grpc-dotnet-riskgrid/0.1");
        message.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip");
        if (_options.Compress)
            message.Headers.TryAddWithoutValidation("grpc-encoding", Gzip.Name);
        if (_timeout is { } timeout)
            message.Headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Format(timeout));
        if (trace is not null)
        {
            message.Headers.TryAddWithoutValidation("traceparent", trace.Id);
            if (trace.TraceStateString is { Length: > 0 } state)
                message.Headers.TryAddWithoutValidation("tracestate", state);
        }

        foreach (var entry in _options.Headers ?? [])
            message.Headers.TryAddWithoutValidation(entry.Name, entry.WireValue);
        try
        {
            _response = await _channel.Http.SendAsync(message, _ended.Token).ConfigureAwait(false);
            await CheckHeadersAsync(_response).ConfigureAwait(false);
            _body = PipeReader.Create(await _response.Content.ReadAsStreamAsync(_ended.Token).ConfigureAwait(false));
            _frames = new FrameReader(_body, _channel.Options.MaxReceiveMessageBytes);
        }
        catch (RpcException e)
        {
            throw Noted(e);
        }
        catch (Exception e)
        {
            throw Translate(e);
        }
    }

    /// <summary>The next response, or null after the last of a call that ended with OK.</summary>
    public async ValueTask<TResponse?> ReadAsync()
    {
        try
        {
            if (await _frames!.ReadAsync(_ended.Token).ConfigureAwait(false) is { } frame)
                return frame.Read<TResponse>(MessageCodec.Proto, _encoding, _channel.Options.MaxReceiveMessageBytes);
        }
        catch (RpcException e)
        {
            throw Noted(e);
        }
        catch (Exception e)
        {
            throw Translate(e);
        }

        var trailers = TransportErrors.MetadataOf(_response!.TrailingHeaders);
        if (_options.Response is { } received)
            received.Trailers = trailers;
        return TransportErrors.OutcomeOf(_response.TrailingHeaders, trailers) is { } failure ? throw Noted(failure) : null;
    }

    /// <summary>The only response of a call that has one.</summary>
    public async Task<TResponse> ReadSingleAsync()
    {
        var response = await ReadAsync().ConfigureAwait(false)
            ?? throw new RpcException(RpcStatus.Internal, "the server ended the call with OK but without a response");
        return await ReadAsync().ConfigureAwait(false) is null
            ? response
            : throw new RpcException(RpcStatus.Internal, "the server sent more than one response");
    }

    public void Dispose()
    {
        _ended.Cancel();
        _response?.Dispose();
        _body?.Complete();
        _ended.Dispose();
        _deadline?.Dispose();
    }

    private async Task CheckHeadersAsync(HttpResponseMessage response)
    {
        _encoding = response.Headers.TryGetValues("grpc-encoding", out var encodings) ? encodings.First() : null;
        var headers = TransportErrors.MetadataOf(response.Headers);
        if (_options.Response is { } received)
            received.Headers = headers;
        if (response.Headers.Contains("grpc-status") && TransportErrors.OutcomeOf(response.Headers, headers) is { } failure)
            throw failure;
        if (response.StatusCode == HttpStatusCode.OK
            && response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true)
        {
            return;
        }

        var text = await response.Content.ReadAsStringAsync(_ended.Token).ConfigureAwait(false);
        throw new RpcException(
            TransportErrors.StatusOf(response.StatusCode),
            $"{Address.Authority} answered HTTP {(int)response.StatusCode}, not gRPC: {text[..Math.Min(text.Length, 200)].Trim()}");
    }

    private Exception Translate(Exception failure)
    {
        _content?.SourceFailure?.Throw();
        if (_callerToken.IsCancellationRequested)
            return new OperationCanceledException("the call was cancelled", failure, _callerToken);
        return Noted(_deadline?.IsCancellationRequested == true
            ? new RpcException(RpcStatus.DeadlineExceeded, $"no answer from {Address.Authority} within {_timeout}", [], failure)
            : TransportErrors.Of(failure, Address));
    }

    // Who cannot be reached or is closing may have a neighbour that answers.
    private RpcException Noted(RpcException failure)
    {
        if (failure.Status == RpcStatus.Unavailable)
            _channel.MoveOnFrom(Address);
        return failure;
    }
}

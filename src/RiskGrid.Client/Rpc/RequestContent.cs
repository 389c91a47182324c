using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using Google.Protobuf;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>The requests of a call as the body of an HTTP request, sent as the source yields them.</summary>
internal sealed class RequestContent<T> : HttpContent
    where T : class, IMessage<T>
{
    private readonly IAsyncEnumerable<T> _requests;
    private readonly int? _compressFrom;
    private readonly bool _isStream;
    private readonly CancellationToken _cancellationToken;
    private bool _isStarted;
    private Task<bool> _pending = Task.FromResult(false);

    public RequestContent(IAsyncEnumerable<T> requests, bool isStream, bool compress, CancellationToken cancellationToken)
    {
        _requests = requests;
        _isStream = isStream;
        _compressFrom = compress ? 0 : null;
        _cancellationToken = cancellationToken;
        Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
    }

    /// <summary>What the source threw; the caller gets this instead of the broken call that follows from it.</summary>
    public ExceptionDispatchInfo? SourceFailure { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        // The handler sends a request again when a connection went away under it; a stream of requests cannot be had twice.
        if (_isStream && _isStarted)
            throw new IOException("the connection went away while requests were being sent");
        _isStarted = true;

        // The headers must go out at once: a duplex server may speak first.
        if (_isStream)
            await stream.FlushAsync(_cancellationToken).ConfigureAwait(false);
        var buffer = new ArrayBufferWriter<byte>(1024);
        var source = _requests.GetAsyncEnumerator(_cancellationToken);
        try
        {
            while (await MoveNextAsync(source).ConfigureAwait(false))
            {
                buffer.ResetWrittenCount();
                MessageFrame.Write(buffer, source.Current, MessageCodec.Proto, _compressFrom);
                await stream.WriteAsync(buffer.WrittenMemory, _cancellationToken).ConfigureAwait(false);
                if (_isStream)
                    await stream.FlushAsync(_cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await DisposeAsync(source).ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    // A source that ignores its token must not keep the stream from being reset, so the wait ends with the call and the source is left behind.
    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<T> source)
    {
        try
        {
            var next = source.MoveNextAsync();
            if (next.IsCompleted)
                return await next.ConfigureAwait(false);
            _pending = next.AsTask();
            return await _pending.WaitAsync(_cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!_cancellationToken.IsCancellationRequested)
        {
            SourceFailure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    private ValueTask DisposeAsync(IAsyncEnumerator<T> source)
    {
        if (_pending.IsCompleted)
            return source.DisposeAsync();
        _ = DisposeLaterAsync(source, _pending);
        return default;
    }

    // An enumerator must not be disposed while it moves.
    private static async Task DisposeLaterAsync(IAsyncEnumerator<T> source, Task pending)
    {
        await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await source.DisposeAsync().ConfigureAwait(false);
    }
}

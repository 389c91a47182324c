using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Gateway.Tests.Protos;
using RiskGrid.Model;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

/// <summary>A service whose calls end in every way a call can end, and which tells the test what it saw.</summary>
internal sealed class EchoService
{
    public const string Secret = "the password is in /etc/secret line 42";

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = [];

    /// <summary>Completed when a handler saw its token cancelled.</summary>
    public TaskCompletionSource Cancelled { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Messages that Repeat has handed over so far.</summary>
    public int Produced { get; private set; }

    public int Holding => _held.Count;

    public RpcContext? LastContext { get; private set; }

    public void ResetCancelled() => Cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public RpcService Create() => new RpcService(EchoReflection.Descriptor.Services[0])
        .Unary<EchoRequest, EchoResponse>("Say", (request, context, _) => Task.FromResult(Say(request, context)))
        .Unary<EchoRequest, EchoResponse>("Fail", (request, _, _) => throw FailureOf(request.Failure))
        .Unary<EchoRequest, EchoResponse>("Hold", HoldAsync)
        .Unary<EchoRequest, EchoResponse>("Release", (request, _, _) => Task.FromResult(Release(request)))
        .ServerStream<EchoRequest, EchoResponse>("Repeat", (request, _, token) => Repeat(request, token))
        .ClientStream<EchoRequest, EchoResponse>("Collect", CollectAsync)
        .Duplex<EchoRequest, EchoResponse>("Chat", (requests, _, token) => Chat(requests, token));

    private EchoResponse Say(EchoRequest request, RpcContext context)
    {
        LastContext = context;
        foreach (var entry in context.RequestHeaders)
        {
            if (entry.Bytes is { } bytes)
                context.ResponseHeaders.Add("echo-" + entry.Name, bytes);
            else if (entry.Name.StartsWith("x-", StringComparison.Ordinal))
                context.ResponseTrailers.Add("echo-" + entry.Name, entry.Text!);
        }

        return new EchoResponse { Text = request.Text, Payload = request.Payload, Value = 0.1 };
    }

    private async Task<EchoResponse> HoldAsync(EchoRequest request, RpcContext context, CancellationToken cancellationToken)
    {
        var held = _held.GetOrAdd(request.Text, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await held.Task.WaitAsync(cancellationToken);
            return new EchoResponse { Text = request.Text };
        }
        catch (OperationCanceledException)
        {
            Cancelled.TrySetResult();
            throw;
        }
        finally
        {
            _held.TryRemove(request.Text, out _);
        }
    }

    public void ReleaseHeld(string text)
    {
        if (_held.TryGetValue(text, out var held))
            held.TrySetResult();
    }

    private EchoResponse Release(EchoRequest request)
    {
        ReleaseHeld(request.Text);
        return new EchoResponse { Text = request.Text };
    }

    private async IAsyncEnumerable<EchoResponse> Repeat(EchoRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            for (var number = 0; number < request.Count; number++)
            {
                Produced = number + 1;
                yield return new EchoResponse { Text = request.Text, Number = number, Payload = request.Payload };
            }

            if (request.Failure == "hold")
                await Task.Delay(Timeout.Infinite, cancellationToken);
            if (request.Failure.Length > 0)
                throw FailureOf(request.Failure);
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
                Cancelled.TrySetResult();
        }
    }

    private static async Task<EchoResponse> CollectAsync(
        IAsyncEnumerable<EchoRequest> requests, RpcContext context, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        await foreach (var request in requests.WithCancellation(cancellationToken))
        {
            if (request.Failure.Length > 0)
                throw FailureOf(request.Failure);
            texts.Add(request.Text);
        }

        return new EchoResponse { Text = string.Join('+', texts), Number = texts.Count };
    }

    private async IAsyncEnumerable<EchoResponse> Chat(
        IAsyncEnumerable<EchoRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0L;
        try
        {
            await foreach (var request in requests.WithCancellation(cancellationToken))
                yield return new EchoResponse { Text = request.Text, Number = number++, Payload = request.Payload };
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
                Cancelled.TrySetResult();
        }
    }

    private static Exception FailureOf(string kind) => kind switch
    {
        "not_found" => new RpcException(RpcStatus.NotFound, "kein Geschäft „7“ – 100 % sicher"),
        "validation" => new ValidationException("strike", "must be above zero"),
        "retry_later" => RpcException.RetryLater(RpcStatus.Unavailable, "the store restarts", TimeSpan.FromMilliseconds(30)),
        "mapped" => new KeyNotFoundException("grain"),
        "cancel" => new OperationCanceledException(),
        _ => new InvalidOperationException(Secret),
    };
}

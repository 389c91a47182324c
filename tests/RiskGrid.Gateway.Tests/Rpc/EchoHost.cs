using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RiskGrid.Client.Rpc;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Gateway.Tests.Protos;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

/// <summary>A real server with the echo service on ports of the system's choice, and clients to it.</summary>
internal sealed class EchoHost : IAsyncDisposable
{
    public static readonly RpcMethod<EchoRequest, EchoResponse> Say = Method("Say");
    public static readonly RpcMethod<EchoRequest, EchoResponse> Fail = Method("Fail");
    public static readonly RpcMethod<EchoRequest, EchoResponse> Hold = Method("Hold");
    public static readonly RpcMethod<EchoRequest, EchoResponse> Release = Method("Release");
    public static readonly RpcMethod<EchoRequest, EchoResponse> Repeat = Method("Repeat");
    public static readonly RpcMethod<EchoRequest, EchoResponse> Collect = Method("Collect");
    public static readonly RpcMethod<EchoRequest, EchoResponse> Chat = Method("Chat");

    /// <summary>Long enough for a loaded machine; a test that waits this long has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<IDisposable> _owned = [];

    private EchoHost(GatewayServer server, EchoService service, CapturedLogs logs)
    {
        Server = server;
        Service = service;
        Logs = logs;
        Channel = NewChannel();
        Http = new HttpClient { BaseAddress = server.HttpAddress };
        _owned.Add(Http);
    }

    public GatewayServer Server { get; }

    public EchoService Service { get; }

    public CapturedLogs Logs { get; }

    public RpcChannel Channel { get; }

    /// <summary>Plain HTTP/1.1.</summary>
    public HttpClient Http { get; }

    public static async Task<EchoHost> StartAsync(Func<GatewayOptions, GatewayOptions>? configure = null)
    {
        var service = new EchoService();
        var logs = new CapturedLogs();
        var options = new GatewayOptions
        {
            GrpcPort = 0,
            HttpPort = 0,
            Logs = logs,
            ShutdownGrace = TimeSpan.FromSeconds(5),
            MapException = failure => failure is KeyNotFoundException ? new RpcException(RpcStatus.FailedPrecondition, "mapped by the hook") : null,
        };
        var server = await GatewayServer.StartAsync(configure?.Invoke(options) ?? options, [service.Create()], CancellationToken.None);
        return new EchoHost(server, service, logs);
    }

    public RpcChannel NewChannel(RpcChannelOptions? options = null)
    {
        var channel = new RpcChannel(Server.GrpcAddress, options);
        _owned.Add(channel);
        return channel;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var each in _owned)
            each.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>Polls a condition that other threads bring about.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"did not happen in {Patience}: {what}");
            await Task.Delay(2, CancellationToken.None);
        }
    }

    private static RpcMethod<EchoRequest, EchoResponse> Method(string name) => new(EchoReflection.Descriptor.Services[0], name);
}

/// <summary>Keeps what was logged.</summary>
internal sealed class CapturedLogs : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
    }
}

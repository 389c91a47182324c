using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RiskGrid.Gateway.Rpc;

/// <summary>The front door: services over gRPC and Connect on two loopback ports, with health and reflection. Thread-safe.</summary>
/// <remarks>It takes no configuration from the environment or from files: what listens is what <see cref="GatewayOptions"/> say.</remarks>
public sealed class GatewayServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GatewayOptions _options;
    private readonly RpcDispatcher _dispatcher;
    private readonly CancellationTokenSource _drain;
    private readonly ILogger _log;
    private int _stopped;

    private GatewayServer(
        WebApplication app, GatewayOptions options, RpcDispatcher dispatcher, GatewayHealth health, CancellationTokenSource drain, Uri grpc, Uri http)
    {
        _app = app;
        _options = options;
        _dispatcher = dispatcher;
        _drain = drain;
        _log = options.Logs.CreateLogger<GatewayServer>();
        Health = health;
        GrpcAddress = grpc;
        HttpAddress = http;
    }

    /// <summary>Where gRPC listens, with the port that was chosen: <c>http://127.0.0.1:7001/</c>.</summary>
    public Uri GrpcAddress { get; }

    /// <summary>Where HTTP/1.1 listens, with the port that was chosen.</summary>
    public Uri HttpAddress { get; }

    /// <summary>What the server says of its health; everything is ready after the start.</summary>
    public GatewayHealth Health { get; }

    /// <summary>Starts listening; returns when both ports are open.</summary>
    /// <param name="options">How to listen.</param>
    /// <param name="services">Complete services; health and reflection are added.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="ArgumentException">The options are refused; the message says why.</exception>
    /// <exception cref="InvalidOperationException">A method has no handler, or a service is there twice.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<GatewayServer> StartAsync(
        GatewayOptions options, IEnumerable<RpcService> services, CancellationToken cancellationToken)
    {
        var address = options.Validate();
        var all = services.ToList();
        if (all.GroupBy(service => service.FullName).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidOperationException($"{twice.Key} is registered twice");
        var health = new GatewayHealth(all.Select(service => service.FullName));
        all.Add(health.CreateService());
        all.AddRange(ReflectionService.Create(all));
        foreach (var service in all)
            service.CheckComplete();

        var drain = new CancellationTokenSource();
        var dispatcher = new RpcDispatcher(all, options, health, drain.Token);
        ListenOptions? grpc = null;
        ListenOptions? http = null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "RiskGrid.Gateway" });
        builder.Services.AddSingleton(options.Logs);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownGrace);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel, options);
            kestrel.Listen(address, options.GrpcPort, listen => Configure(grpc = listen, HttpProtocols.Http2));
            kestrel.Listen(address, options.HttpPort, listen => Configure(http = listen, HttpProtocols.Http1));
        });
        var app = builder.Build();
        app.Run(dispatcher.HandleAsync);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            drain.Dispose();
            if (e is IOException)
                throw new IOException($"{e.Message} Choose another port, or stop the process that holds this one.", e);
            throw;
        }

        var server = new GatewayServer(app, options, dispatcher, health, drain, UriOf(grpc!), UriOf(http!));
        server._log.Listening(server.GrpcAddress, server.HttpAddress);
        return server;
    }

    /// <summary>Drains and stops: health says NOT_SERVING, streams end with UNAVAILABLE, connections are told to go away, unary calls may
    /// finish within <see cref="GatewayOptions.ShutdownGrace"/>; what is left then is cut off. A second call returns at once.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        _log.Draining(_dispatcher.InFlight, _options.ShutdownGrace);
        Health.SetAll(false);
        await _drain.CancelAsync().ConfigureAwait(false);
        await _app.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops, if it runs, and frees the ports.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _drain.Dispose();
    }

    private static void SetLimits(KestrelServerOptions kestrel, GatewayOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;

        // A stream's body has no end; each message has its own limit.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.Http2.KeepAlivePingDelay = options.KeepAlivePingDelay;
        kestrel.Limits.Http2.KeepAlivePingTimeout = options.KeepAlivePingTimeout;

        // Above our own limits, so that a caller over them is refused with a reason instead of waiting unseen in its own queue.
        kestrel.Limits.Http2.MaxStreamsPerConnection =
            checked((2 * options.MaxConcurrentCallsPerConnection) + (2 * options.MaxConcurrentStreamsPerConnection));
    }

    private static void Configure(ListenOptions listen, HttpProtocols protocols)
    {
        listen.Protocols = protocols;
        listen.Use(next => connection =>
        {
            connection.Items[typeof(ConnectionCalls)] = new ConnectionCalls();
            return next(connection);
        });
    }

    private static Uri UriOf(ListenOptions listen) => new($"http://{listen.IPEndPoint}/");

    /// <summary>Signals are the program's business, not the front door's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

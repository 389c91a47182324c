using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using RiskGrid.Demo;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Hosting;
using RiskGrid.Hosting.Settings;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid serve</c>, <c>riskgrid silo</c> and <c>riskgrid gateway</c></summary>
internal static class RoleCommand
{
    private const int DefaultGrpcPort = 7001;
    private const int DefaultHttpPort = 7002;

    /// <summary>Whether a command runs a server.</summary>
    public static bool IsRole(Command command) => Array.Exists(Enum.GetValues<ServerRole>(), role => NameOf(role) == command.Name);

    public static Command Create(ServerRole role)
    {
        var options = SettingsOf(role).ToDictionary(s => s, s => new Option<string?>(s.Flag) { Description = s.Description });
        var config = new Option<string?>(SettingSources.ConfigFlag) { Description = $"Configuration (JSON); {SettingSources.ConfigVariable} names it too. Flags and RISKGRID_* variables go before it." };
        var json = new Option<bool>("--json") { Description = "Print what was started as one JSON document on stdout once it is ready." };
        var command = new Command(NameOf(role), DescriptionOf(role)) { config, json };
        foreach (var option in options.Values)
            command.Add(option);
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var settings = ServerSettings.From(SettingSources.Read(
                    setting => options.TryGetValue(setting, out var option) ? parsed.GetValue(option) : null,
                    Environment.GetEnvironmentVariable,
                    parsed.GetValue(config)));
                using var logs = Terminal.CreateLogging(settings.LogLevel);
                var log = logs.CreateLogger("RiskGrid");
                using var telemetry = Telemetry.Start(settings.Otlp?.OriginalString, NameOf(role), settings.Name);
                var server = await StartAsync(role, settings, logs, log, token);
                await using (server)
                {
                    var ledger = role == ServerRole.Gateway ? null : Secrets.Mask(settings.Ledger);
                    var broker = settings.Broker is null ? null : Secrets.Mask(settings.Broker.OriginalString);
                    log.Serving(NameOf(role), settings.Name, ledger ?? "none", broker ?? "none", server.GrpcAddress, server.HttpAddress);
                    if (parsed.GetValue(json))
                    {
                        Terminal.WriteJson(new JsonObject
                        {
                            ["role"] = NameOf(role),
                            ["name"] = settings.Name,
                            ["pid"] = Environment.ProcessId,
                            ["grpc"] = server.GrpcAddress?.GetLeftPart(UriPartial.Authority),
                            ["http"] = server.HttpAddress?.GetLeftPart(UriPartial.Authority),
                            ["ledger"] = ledger,
                            ["broker"] = broker,
                        });
                    }

                    await Task.Delay(Timeout.InfiniteTimeSpan, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    log.Stopping();
                }

                return CommandLine.Done;
            },
            cancel));
        return command;
    }

    private static async Task<RiskServer> StartAsync(
        ServerRole role, ServerSettings settings, ILoggerFactory logs, ILogger log, CancellationToken cancellationToken)
    {
        var options = new RiskServerOptions
        {
            Role = role,
            Name = settings.Name,
            Broker = settings.Broker,
            Prefix = settings.Prefix,
            Ledger = settings.Ledger,
            Cache = settings.Cache,
            ComputeThreads = settings.Threads,
            Gateway = DoorOf(role, settings),
            Time = settings.ClockOffset == TimeSpan.Zero ? TimeProvider.System : new OffsetTime(settings.ClockOffset),
        };
        try
        {
            options.Gateway?.Validate();
            ServerParts.Check(options);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }

        if (role != ServerRole.Gateway)
        {
            var path = settings.History ?? SampleData.History(settings.Data ?? SampleData.DefaultFolder());
            var panel = SampleFiles.ReadHistory(path);
            var scenarios = SampleFiles.Scenarios(panel);
            log.ScenariosRead(scenarios.Count, path, scenarios.Dropped.Length, scenarios.MultiSession, scenarios.Hash);
            options = options with { Scenarios = scenarios, History = panel };
        }

        return await RiskServer.StartAsync(options, logs, cancellationToken);
    }

    // A silo is asked by nobody but the broker; who wants its health gives it a port.
    private static GatewayOptions? DoorOf(ServerRole role, ServerSettings settings) => role switch
    {
        ServerRole.Silo when settings.HttpPort is null => null,
        ServerRole.Silo => new GatewayOptions { Address = settings.Listen, GrpcPort = 0, HttpPort = settings.HttpPort.Value },
        _ => new GatewayOptions
        {
            Address = settings.Listen,
            GrpcPort = settings.GrpcPort ?? DefaultGrpcPort,
            HttpPort = settings.HttpPort ?? DefaultHttpPort,
        },
    };

    private static IEnumerable<Setting> SettingsOf(ServerRole role) => role switch
    {
        ServerRole.Silo => Setting.All.Except([Setting.GrpcPort]),
        ServerRole.Gateway => Setting.All.Except([Setting.Ledger, Setting.Threads, Setting.History, Setting.Data]),
        _ => Setting.All,
    };

    private static string NameOf(ServerRole role) => role switch
    {
        ServerRole.Silo => "silo",
        ServerRole.Gateway => "gateway",
        _ => "serve",
    };

    private static string DescriptionOf(ServerRole role) => role switch
    {
        ServerRole.Silo => "Runs one silo of a cluster, without a front door, until interrupted.",
        ServerRole.Gateway => "Runs a front door of a cluster, without grains, until interrupted; any number may run.",
        _ => "Runs the grid with its gRPC front door until interrupted.",
    };
}

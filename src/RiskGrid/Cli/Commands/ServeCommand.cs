using System.CommandLine;
using System.Text.Json.Nodes;
using RiskGrid.Demo;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Hosting;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid serve</c></summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var ledger = new Option<string>("--ledger") { Description = "The ledger's file; made when it does not exist.", DefaultValueFactory = _ => "riskgrid.db" };
        var history = new Option<string?>("--history") { Description = "History panel (CSV, may be gzipped) of the scenarios behind VaR and ES; the sample panel unless named." };
        var listen = new Option<string>("--listen") { Description = "Address to listen on: a loopback address.", DefaultValueFactory = _ => "127.0.0.1" };
        var grpc = new Option<int>("--grpc-port") { Description = "Port of gRPC (HTTP/2 in clear text); 0 chooses a free one.", DefaultValueFactory = _ => 7001 };
        var http = new Option<int>("--http-port") { Description = "Port of Connect, JSON and health (HTTP/1.1); 0 chooses a free one.", DefaultValueFactory = _ => 7002 };
        var threads = new Option<int>("--threads") { Description = "Threads that compute.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var (data, level) = (CommonOptions.Data(), CommonOptions.LogLevel("information"));
        var json = new Option<bool>("--json") { Description = "Print the addresses as one JSON document on stdout once the server is ready." };
        var command = new Command("serve", "Runs the grid with its gRPC front door until interrupted.") { ledger, history, listen, grpc, http, threads, data, level, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                using var logs = Terminal.CreateLogging(parsed.GetRequiredValue(level));
                var log = logs.CreateLogger("RiskGrid");
                if (parsed.GetValue(threads) is var count && count is < 1 or > 1024)
                    throw new UsageException($"--threads must be between 1 and 1024, not {count}");
                var door = new GatewayOptions { Address = parsed.GetRequiredValue(listen), GrpcPort = parsed.GetValue(grpc), HttpPort = parsed.GetValue(http) };
                try
                {
                    door.Validate();
                }
                catch (ArgumentException e)
                {
                    throw new UsageException(e.Message);
                }

                var panelPath = parsed.GetValue(history) ?? SampleData.History(parsed.GetRequiredValue(data));
                var panel = SampleFiles.ReadHistory(panelPath);
                var scenarios = SampleFiles.Scenarios(panel);
                log.ScenariosRead(scenarios.Count, panelPath, scenarios.Dropped.Length, scenarios.MultiSession, scenarios.Hash);
                var options = new RiskServerOptions
                {
                    LedgerPath = Path.GetFullPath(parsed.GetRequiredValue(ledger)),
                    Scenarios = scenarios,
                    History = panel,
                    ComputeThreads = count,
                    Gateway = door,
                };
                await using var server = await RiskServer.StartAsync(options, logs, token);
                log.Serving(options.LedgerPath, server.GrpcAddress, server.HttpAddress);
                if (parsed.GetValue(json))
                    Terminal.WriteJson(new JsonObject { ["grpc"] = server.GrpcAddress.GetLeftPart(UriPartial.Authority), ["http"] = server.HttpAddress.GetLeftPart(UriPartial.Authority), ["ledger"] = options.LedgerPath });
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                }
                catch (OperationCanceledException)
                {
                    log.Stopping();
                }

                return CommandLine.Done;
            },
            cancel));
        return command;
    }
}

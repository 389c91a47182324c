using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Grid.Tests;
using RiskGrid.Testing;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>A silo in a process of its own, to be killed and frozen. It tells each request that it runs, before it answers.</summary>
internal static class SiloChild
{
    /// <summary><c>silo ADDRESS PREFIX HEARTBEAT</c> until it is ended; <c>measure ADDRESS PREFIX OUTSTANDING SECONDS</c> calls the others.</summary>
    public static async Task<int> Main(string[] args)
    {
        var options = new RabbitMqOptions { Address = new Uri(args[1]), Prefix = args[2], HelloInterval = TimeSpan.FromMilliseconds(250) };
        if (args[0] == "measure")
        {
            await Measurement.RunAsync(options, Number(args[3]), TimeSpan.FromSeconds(Number(args[4])));
            return 0;
        }

        await RunSiloAsync(options with { Heartbeat = TimeSpan.FromSeconds(Number(args[3])) }, tells: args.Length < 5);
        return 0;

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>A request that the child answers with its process id, or never.</summary>
    public const string Hang = "hang";

    private static async Task RunSiloAsync(RabbitMqOptions options, bool tells)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var term = new ManualResetEventSlim();
        using var registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            term.Set();
        });
        var script = new Script
        {
            OnAsk = async (grain, request, _) =>
            {
                if (!tells)
                    return request;
                ChildProcess.Tell($"ran {grain.Context.Key} {request}");
                if (request == Hang)
                    await Task.Delay(Timeout.Infinite, CancellationToken.None);
                return Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            },
        };
        await using var silo = await new SiloBuilder()
            .AddGrain<IScriptedGrain>(() => new ScriptedGrain(script))
            .AddWork<StringValue, StringValue>("who", async (request, token) =>
            {
                ChildProcess.Tell($"work {request.Value}");
                if (request.Value == Hang)
                    await Task.Delay(Timeout.Infinite, token);
                return new StringValue { Value = Environment.ProcessId.ToString(CultureInfo.InvariantCulture) };
            })
            .Configure(o => o.OnError = error => ChildProcess.Tell($"error {error.Exception.Message}"))
            .UseEngine(new RabbitMqEngine(options))
            .StartAsync();
        ChildProcess.Tell($"ready {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:0}");
        term.Wait();
        await silo.StopAsync();
        ChildProcess.Tell("left");
    }
}

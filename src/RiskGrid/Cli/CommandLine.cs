using System.CommandLine;
using System.CommandLine.Parsing;
using RiskGrid.Cli.Commands;
using RiskGrid.Hosting;
using RiskGrid.Hosting.Settings;

namespace RiskGrid.Cli;

/// <summary>The commands, and how every one of them ends: 0 done, 1 failed, 2 used wrongly.</summary>
internal static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadUsage = 2;

    // An interrupted command tells the server to stop its run.
    private static readonly TimeSpan InterruptLimit = TimeSpan.FromSeconds(10);

    // A server finishes what it accepted and hands its grains over; a cluster that is given up stops its servers.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(45);

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("RiskGrid: an actor-based compute grid for market risk.")
        {
            DemoCommand.Create(),
            RoleCommand.Create(ServerRole.Serve),
            RoleCommand.Create(ServerRole.Silo),
            RoleCommand.Create(ServerRole.Gateway),
            ClusterCommand.Create(),
            LoadCommand.Create(),
            RollupCommand.Create(),
            WatchCommand.Create(),
            PriceCommand.Create(),
            IvCommand.Create(),
            QuotesCommand.Create(),
            MeasureCommand.Create(),
            VarCommand.Create(),
            StressCommand.Create(),
            ExplainCommand.Create(),
            BacktestCommand.Create(),
            PinCommand.Create(),
            RunsCommand.Create(),
            RerunCommand.Create(),
            LedgerCommand.Create(),
        };
        var parsed = root.Parse(args);
        var errors = parsed.Errors.Select(e => e.Message).Concat(StrayOptions(parsed)).ToList();
        if (errors.Count > 0)
        {
            foreach (var error in errors)
                await Console.Error.WriteLineAsync($"riskgrid: {error}");
            await Console.Error.WriteLineAsync($"Try: riskgrid {Path(parsed.CommandResult)}--help");
            return BadUsage;
        }

        if (RoleCommand.IsRole(parsed.CommandResult.Command))
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = DrainLimit });
        Telemetry? telemetry;
        try
        {
            telemetry = Telemetry.Start(null, "cli", null);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"riskgrid: {e.Message}");
            return BadUsage;
        }

        // What a command asks of a server belongs to one trace.
        using (telemetry)
        using (CommandSource.Source.StartActivity($"riskgrid {Path(parsed.CommandResult).Trim()}"))
        {
            var limit = ClusterCommand.IsPart(parsed.CommandResult) ? DrainLimit : InterruptLimit;
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = limit });
        }
    }

    // quotes replay: a command below another one is reached through it.
    private static string Path(CommandResult command) => command.Parent is CommandResult above ? $"{Path(above)}{command.Command.Name} " : string.Empty;

    // A misspelt option would be taken for a path or a file. One whose name does begin so is written ./-name.
    private static IEnumerable<string> StrayOptions(ParseResult parsed) =>
        parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens)
            .Where(t => t.Value.StartsWith('-'))
            .Select(t => $"'{t.Value}' is not an option of {parsed.CommandResult.Command.Name}");

    /// <summary>Runs a command's work; what it throws becomes one line on stderr and an exit status.</summary>
    public static async Task<int> GuardAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("riskgrid: interrupted");
            return Failed;
        }
        catch (Exception e) when (e is UsageException or SettingsException)
        {
            await Console.Error.WriteLineAsync($"riskgrid: {e.Message}");
            return BadUsage;
        }
        catch (Exception e) when (Refusals.Describe(e) is { } message)
        {
            await Console.Error.WriteLineAsync($"riskgrid: {message}");
            return Failed;
        }
    }
}

/// <summary>The command was called wrongly: exit status 2.</summary>
internal sealed class UsageException(string message) : Exception(message);

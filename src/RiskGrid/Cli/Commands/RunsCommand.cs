using System.CommandLine;
using System.Text.Json.Nodes;
using RiskGrid.Cli.Output.Runs;
using RiskGrid.Cli.Runs;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid runs [RUN]</c> and <c>riskgrid runs cancel RUN</c></summary>
internal static class RunsCommand
{
    // What the server gives in one page.
    private const int MostInPage = 1_000;

    private static readonly RunState[] States = [RunState.Running, RunState.Finished, RunState.Failed, RunState.Cancelled];

    public static Command Create()
    {
        var run = new Argument<string?>("run") { Description = "The run to show; without it, the newest runs are listed.", Arity = ArgumentArity.ZeroOrOne };
        var state = new Option<string>("--state") { Description = "List only runs in this state." }.AcceptOnlyFromAmong([.. States.Select(RunText.State)]);
        var limit = new Option<int>("--limit") { Description = "How many to list.", DefaultValueFactory = _ => 20 };
        var wait = new Option<bool>("--wait") { Description = "Wait for the run's end; interrupting this leaves the run alone." };
        var manifest = new Option<bool>("--manifest") { Description = "Print the run's manifest, byte for byte what its hash is of." };
        var vector = new Option<string?>("--vector") { Description = "Print the whole P&L vector of this node as CSV: scenario, pnl." };
        var leg = new Option<string>("--leg") { Description = "Which vector, where a run has several: 1d, 10d, stress; the first unless named.", DefaultValueFactory = _ => "" };
        var plot = new Option<string?>("--plot") { Description = "Write the run's plot to this SVG file too." };
        var path = new Option<string?>("--path") { Description = "Show this node within the run's scope." };
        var depth = new Option<int?>("--depth") { Description = "Levels below the node to show, -1 for all; the table shows 1 unless named, the JSON document all." };
        var (address, json) = (CommonOptions.Address(), CommonOptions.Json());
        var command = new Command("runs", "Lists runs, or shows one: progress, result, manifest, P&L vectors.") { run, state, limit, wait, manifest, vector, leg, plot, path, depth, address, json };
        command.Add(Cancel());
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                using var client = new RiskGridClient(parsed.GetRequiredValue(address));
                var asJson = parsed.GetValue(json);
                if (parsed.GetValue(run) is not { } name)
                {
                    if (parsed.GetValue(wait) || parsed.GetValue(manifest) || parsed.GetValue(vector) is not null)
                        throw new UsageException("name the run: riskgrid runs RUN");
                    return await ListAsync(client, Parse(parsed.GetValue(state)), parsed.GetValue(limit), asJson, token);
                }

                if (parsed.GetValue(vector) is { } node)
                    return await ShowVectorAsync(client, name, node, parsed.GetRequiredValue(leg), asJson, token);
                var shown = parsed.GetValue(wait) ? await new RunSession(client, asJson).FollowAsync(name, token) : await client.GetRunAsync(name, token);
                if (parsed.GetValue(manifest))
                {
                    Terminal.WriteLine(shown.ManifestJson);
                    return CommandLine.Done;
                }

                if (shown.State == RunState.Finished && parsed.GetValue(plot) is { } file)
                    await RunPlot.SaveAsync(client, shown, file, token);
                return await RunCommand.ConcludeAsync(shown, asJson, parsed.GetValue(depth), parsed.GetValue(path));
            },
            cancel));
        return command;
    }

    private static Command Cancel()
    {
        var run = new Argument<string>("run") { Description = "The run to stop." };
        var (address, json) = (CommonOptions.Address(), CommonOptions.Json());
        var command = new Command("cancel", "Stops a run that is not over.") { run, address, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                using var client = new RiskGridClient(parsed.GetRequiredValue(address));
                var stopped = await client.CancelRunAsync(parsed.GetRequiredValue(run), token);
                if (parsed.GetValue(json))
                    Terminal.WriteJson(RunJson.Document(stopped));
                else
                    Terminal.WriteLine($"{stopped.RunId} is {RunText.State(stopped.State)}.");
                return stopped.State == RunState.Cancelled ? CommandLine.Done : CommandLine.Failed;
            },
            cancel));
        return command;
    }

    private static async Task<int> ListAsync(RiskGridClient client, RunState state, int limit, bool json, CancellationToken cancellationToken)
    {
        if (limit < 1)
            throw new UsageException($"--limit must be at least 1, not {limit}");
        var runs = new List<Run>();
        await foreach (var run in client.ListRunsAsync(state, Math.Min(limit, MostInPage), cancellationToken))
        {
            runs.Add(run);
            if (runs.Count == limit)
                break;
        }

        if (json)
            Terminal.WriteJson(new JsonObject { ["runs"] = new JsonArray([.. runs.Select(r => (JsonNode)RunJson.Document(r))]) });
        else
            Terminal.Out.Write(RunList.Create(runs, Terminal.Out.Profile.Width));
        return CommandLine.Done;
    }

    private static async Task<int> ShowVectorAsync(RiskGridClient client, string run, string path, string leg, bool json, CancellationToken cancellationToken)
    {
        var vector = await client.GetRunVectorAsync(run, path, leg, cancellationToken);
        if (json)
            Terminal.WriteJson(VectorText.Document(run, vector));
        else
            VectorText.Write(Console.Out, vector);
        return CommandLine.Done;
    }

    private static RunState Parse(string? state) => States.FirstOrDefault(s => RunText.State(s) == state);
}

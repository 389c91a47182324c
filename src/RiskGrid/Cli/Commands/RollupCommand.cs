using System.CommandLine;
using System.Text.Json.Nodes;
using RiskGrid.Cli.Output;
using RiskGrid.Client;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid rollup [PATH]</c></summary>
internal static class RollupCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "The node: / is the firm, /INDEX a desk, /INDEX/SPX-2026-02-20 a book.", DefaultValueFactory = _ => "/" };
        var depth = new Option<int>("--depth") { Description = "Levels below the node to show; -1 shows all.", DefaultValueFactory = _ => 1 };
        var settled = new Option<bool>("--settled") { Description = "Wait until everything accepted so far is in the numbers, VaR and ES too." };
        var maxAge = new Option<string>("--max-age") { Description = "How old the numbers may be, such as 2s or 500ms: cheaper where the server has a cache. 0 asks every node.", DefaultValueFactory = _ => "0" };
        var (address, json) = (CommonOptions.Address(), CommonOptions.Json());
        var command = new Command("rollup", "Shows the risk of a node and of those below it.") { path, depth, settled, maxAge, address, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var age = DurationText.Parse("--max-age", parsed.GetRequiredValue(maxAge));
                if (age > TimeSpan.Zero && parsed.GetValue(settled))
                    throw new UsageException("--settled and --max-age contradict each other: a settled rollup has no age");
                using var client = new RiskGridClient(parsed.GetRequiredValue(address));
                var rollups = await client.GetRollupAsync(parsed.GetRequiredValue(path), parsed.GetValue(depth), parsed.GetValue(settled), maxAge: age, cancellationToken: token);
                if (parsed.GetValue(json))
                {
                    Terminal.WriteJson(new JsonObject { ["nodes"] = new JsonArray([.. rollups.Select(r => (JsonNode)RollupJson.Node(r))]) });
                    return CommandLine.Done;
                }

                Terminal.Out.Write(RollupTable.Create(rollups, books: int.MaxValue, Terminal.Out.Profile.Width));
                foreach (var remark in RollupTable.Remarks(rollups[0]))
                    Terminal.WriteLine(remark);
                return CommandLine.Done;
            },
            cancel));
        return command;
    }
}

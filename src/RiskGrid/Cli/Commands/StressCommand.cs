using System.CommandLine;
using System.Text.Json.Nodes;
using NodaTime.Text;
using RiskGrid.Cli.Runs;
using RiskGrid.Risk;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid stress [PATH]</c> and <c>riskgrid stress --list</c></summary>
internal static class StressCommand
{
    public static Command Create()
    {
        var (path, question, options) = (RunOptions.Path(), new StressOptions(), new RunOptions());
        var list = new Option<bool>("--list") { Description = "Only show the crises of the library; asks no server." };
        var command = new Command("stress", "Revalues a node and those below it under named crises, shocks of your own, ladders and spot x volatility matrices.") { path };
        question.AddTo(command);
        command.Add(list);
        options.AddTo(command, plot: true);
        RunCommand.SetAction(command, options, "stress", (parsed, _, _) =>
        {
            var spec = options.Build(parsed, parsed.GetRequiredValue(path));
            spec.Stress = question.Build(parsed);
            return Task.FromResult(spec);
        }, parsed => parsed.GetValue(list) ? ShowLibrary(parsed.GetValue(options.Json)) : null);
        return command;
    }

    private static int ShowLibrary(bool json)
    {
        if (json)
        {
            Terminal.WriteJson(new JsonObject
            {
                ["crises"] = new JsonArray([.. StressLibrary.Crises.Select(c => (JsonNode)new JsonObject
                {
                    ["name"] = c.Name,
                    ["from"] = LocalDatePattern.Iso.Format(c.From),
                    ["to"] = LocalDatePattern.Iso.Format(c.To),
                    ["description"] = c.Description,
                })]),
            });
            return CommandLine.Done;
        }

        foreach (var crisis in StressLibrary.Crises)
            Terminal.WriteLine($"{crisis.Name,-24}  {LocalDatePattern.Iso.Format(crisis.From)} .. {LocalDatePattern.Iso.Format(crisis.To)}  {crisis.Description}");
        return CommandLine.Done;
    }
}

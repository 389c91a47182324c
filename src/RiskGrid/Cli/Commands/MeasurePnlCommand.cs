using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RiskGrid.Cli.NumberFiles;
using RiskGrid.Cli.Plots;
using RiskGrid.Risk;
using Spectre.Console;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid measure pnl FILE.csv</c></summary>
internal static class MeasurePnlCommand
{
    // More panels make a picture that nobody scrolls through.
    private const int MostPanels = 12;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "CSV of P&L: a column a node (the header names them), a row a scenario." };
        var confidence = new Option<string>("--confidence") { Description = "Confidences, separated by commas.", DefaultValueFactory = _ => "0.95,0.99" };
        var quantile = new Option<string>("--quantile") { Description = "The quantile rule: floor, linear or harrell-davis.", DefaultValueFactory = _ => QuantileRule.Floor.Name() };
        var weights = new Option<string?>("--weights") { Description = "CSV with one column: the weight of each scenario. Normalised; equal weights without it." };
        var plot = new Option<string?>("--plot") { Description = "Write the P&L distributions with VaR and ES as an SVG file." };
        var json = CommonOptions.Json();
        var command = new Command("pnl", "VaR and expected shortfall of every column of a P&L file, for the loss tail and for the gain tail.") { file, confidence, quantile, weights, plot, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var confidences = MeasureCommand.Confidences("--confidence", parsed.GetRequiredValue(confidence));
                var name = parsed.GetRequiredValue(quantile);
                if (!QuantileRules.TryParse(name, out var rule))
                    throw new UsageException($"--quantile: '{name}' is not one of {string.Join(", ", QuantileRules.Names)}");
                var path = parsed.GetRequiredValue(file);
                var pnl = NumberFile.Read(path, 0);
                var given = parsed.GetValue(weights) is { } weightFile ? ReadWeights(weightFile, pnl.Rows.Count) : [];
                var nodes = pnl.Columns.Select((column, i) => Node.Measure(column, pnl.Numbers(i), given, confidences, rule)).ToList();
                var effective = given.Length == 0 ? pnl.Rows.Count : ScenarioWeights.EffectiveNumber(given);
                if (parsed.GetValue(plot) is { } picture)
                {
                    PlotFile.RequireFolder(picture);
                    await PlotFile.SaveAsync(picture, Plot(path, nodes, given.Length > 0), token);
                }

                if (parsed.GetValue(json))
                    Terminal.WriteJson(ToJson(nodes, pnl.Rows.Count, effective, given.Length > 0, rule));
                else
                    Show(nodes, pnl.Rows.Count, effective, given.Length > 0, rule);
                return CommandLine.Done;
            },
            cancel));
        return command;
    }

    private static double[] ReadWeights(string path, int scenarios)
    {
        var file = NumberFile.Read(path, 0);
        if (file.Columns.Count != 1)
            throw new InvalidDataException($"{path}, line 1, header: it names {file.Columns.Count} columns and must name one");
        if (file.Rows.Count != scenarios)
            throw new InvalidDataException($"{path}: it has {file.Rows.Count} weights for {scenarios} scenarios; one a scenario is needed");
        if (file.Rows.FirstOrDefault(r => r.Numbers[0] < 0) is { } negative)
            throw file.Refusal(negative, file.Columns[0], $"{negative.Numbers[0]:R} is negative; a weight is zero or above");
        return file.Rows.Any(r => r.Numbers[0] > 0) ? file.Numbers(0) : throw new InvalidDataException($"{path}, line {file.Rows[0].Line}, {file.Columns[0]}: all weights are zero; at least one must be above");
    }

    private static JsonObject ToJson(List<Node> nodes, int scenarios, double effective, bool weighted, QuantileRule rule) => new()
    {
        ["scenarios"] = scenarios,
        ["weighted"] = weighted,
        ["effective_scenarios"] = effective,
        ["quantile"] = rule.Name(),
        ["nodes"] = new JsonArray([.. nodes.Select(n => (JsonNode)new JsonObject
        {
            ["node"] = n.Name,
            ["loss"] = Tail(n.Losses),
            ["gain"] = Tail(n.Gains),
        })]),
    };

    private static JsonArray Tail((decimal Confidence, TailMeasure Measure)[] tail) => new([.. tail.Select(t => (JsonNode)new JsonObject
    {
        ["confidence"] = t.Confidence,
        ["var"] = t.Measure.ValueAtRisk,
        ["es"] = t.Measure.ExpectedShortfall,
        ["beyond_sample"] = t.Measure.IsBeyondSample,
    })]);

    private static void Show(List<Node> nodes, int scenarios, double effective, bool weighted, QuantileRule rule)
    {
        Terminal.WriteLine($"{scenarios:N0} scenarios{(weighted ? $", weighted, worth {effective.ToString("N1", CultureInfo.InvariantCulture)} equal ones (Kish)" : string.Empty)}; quantile rule {rule.Name()}. Positive is a loss in the loss tail, a gain in the gain tail.");
        var table = new Table().Border(TableBorder.Simple).AddColumns("node", "tail");
        foreach (var column in new[] { "confidence", "VaR", "ES" })
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var node in nodes)
        {
            foreach (var (tail, measures) in new[] { ("loss", node.Losses), ("gain", node.Gains) })
            {
                foreach (var (confidence, measure) in measures)
                    table.AddRow(Markup.Escape(node.Name), tail, MeasureCommand.Percent(confidence) + (measure.IsBeyondSample ? " *" : string.Empty), MeasureCommand.Amount(measure.ValueAtRisk), MeasureCommand.Amount(measure.ExpectedShortfall));
            }
        }

        Terminal.Out.Write(table);
        if (nodes.Any(n => n.Losses.Any(l => l.Measure.IsBeyondSample)))
            Terminal.WriteLine("* fewer than one scenario lies beyond: the number rests on the largest loss (or gain) and shows no tail behind it.");
    }

    private static string Plot(string path, List<Node> nodes, bool weighted)
    {
        if (nodes.Count > MostPanels)
            throw new UsageException($"--plot: the file has {nodes.Count} columns and a picture holds {MostPanels}; keep the columns that you want to see");
        var subtitle = weighted ? "Scenarios are counted; VaR and ES are by their weights." : "VaR and ES of the loss tail.";
        return PlotFile.Text($"P&L distribution of {Path.GetFileName(path)}", subtitle, [.. nodes.Select(n => HistogramPlot.Create(n.Name, "the file's unit", n.Pnl, Marks(n)))]);
    }

    private static List<PlotMark> Marks(Node node) =>
    [
        .. node.Losses.SelectMany(l => new[]
        {
            new PlotMark($"VaR {MeasureCommand.Percent(l.Confidence)}", 0 - l.Measure.ValueAtRisk),
            new PlotMark($"ES {MeasureCommand.Percent(l.Confidence)}", 0 - l.Measure.ExpectedShortfall),
        }).OrderByDescending(m => m.Pnl),
    ];

    private sealed record Node(string Name, double[] Pnl, (decimal Confidence, TailMeasure Measure)[] Losses, (decimal Confidence, TailMeasure Measure)[] Gains)
    {
        public static Node Measure(string name, double[] pnl, double[] weights, decimal[] confidences, QuantileRule rule)
        {
            return new Node(name, pnl, Tail(SortedLosses.OfLossTail(pnl, weights)), Tail(SortedLosses.OfGainTail(pnl, weights)));
            (decimal Confidence, TailMeasure Measure)[] Tail(SortedLosses losses) => [.. confidences.Select(q => (q, losses.Measure(q, rule)))];
        }
    }
}

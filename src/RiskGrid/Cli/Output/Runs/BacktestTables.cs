using System.Globalization;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>Backtests: exceptions and traffic light per node and confidence, then each statistic of the scope with its p-value.</summary>
internal static class BacktestTables
{
    // Exception days that are named in one line.
    private const int DaysShown = 12;

    /// <param name="nodes">The scope first.</param>
    /// <param name="width">Characters in a line.</param>
    public static IEnumerable<Table> Create(IReadOnlyList<NodeRisk> nodes, int width)
    {
        var rows = nodes.SelectMany(n => n.Backtests.Select((b, i) => (Node: n, Test: b, First: i == 0))).ToList();
        yield return FittedTable.Create(
            "", "node", rows, r => r.First ? r.Node.Path : "",
            new TableColumnOf<(NodeRisk Node, BacktestMeasure Test, bool First)>[]
            {
                new("confidence", r => RunText.Percent(r.Test.Confidence)),
                new("days", r => Count(r.Test.Observations)),
                new("exceptions", r => Count(r.Test.Exceptions)),
                new("expected", r => r.Test.ExpectedExceptions.ToString("N2", CultureInfo.InvariantCulture)),
                new("zone", r => r.Test.TrafficLight, IsText: true),
                new("P(at most so many)", r => Probability(r.Test.TrafficLightProbability)),
                new("ES zone", r => r.Test.ShortfallZone.Length > 0 ? r.Test.ShortfallZone : "-", IsText: true),
            },
            "an exception is a day's loss beyond its value at risk",
            width);
        var statistics = nodes[0].Backtests.SelectMany(b => b.Statistics.Select((s, i) => (Test: b, Statistic: s, First: i == 0))).ToList();
        if (statistics.Count == 0)
            yield break;
        yield return FittedTable.Create(
            $"{nodes[0].Path}: tests", "confidence", statistics, r => r.First ? RunText.Percent(r.Test.Confidence) : "",
            new TableColumnOf<(BacktestMeasure Test, TestStatistic Statistic, bool First)>[]
            {
                new("test", r => r.Statistic.Name.Replace('_', ' '), IsText: true),
                new("statistic", r => r.Statistic.HasStatistic ? r.Statistic.Statistic.ToString("N5", CultureInfo.InvariantCulture) : "undefined"),
                new("p-value", r => r.Statistic.HasPValue ? Probability(r.Statistic.PValue) : "-"),
            },
            "a small p-value speaks against the model",
            width);
    }

    /// <summary>Exception days, and the P&amp;L attribution test.</summary>
    public static IEnumerable<string> Remarks(NodeRisk node)
    {
        foreach (var test in node.Backtests.Where(t => t.ExceptionDays.Count > 0))
        {
            var more = test.ExceptionDays.Count > DaysShown ? string.Create(CultureInfo.InvariantCulture, $" and {test.ExceptionDays.Count - DaysShown:N0} more") : string.Empty;
            yield return $"{RunText.Percent(test.Confidence)} exceptions: {string.Join(", ", test.ExceptionDays.TakeLast(DaysShown).Reverse())}{more}.";
        }

        if (node.Attribution is { } pla)
        {
            var spearman = pla.HasSpearman ? pla.Spearman.ToString("N4", CultureInfo.InvariantCulture) : "undefined";
            yield return string.Create(CultureInfo.InvariantCulture,
                $"P&L attribution of Greeks against full revaluation over {pla.Observations:N0} days: Spearman {spearman}, Kolmogorov-Smirnov {pla.KolmogorovSmirnov:N4}: {pla.Zone}.");
        }
    }

    private static string Count(uint count) => count.ToString("N0", CultureInfo.InvariantCulture);

    // What rounds to certainty is not certain.
    private static string Probability(double value) => value switch
    {
        > 0 and < 0.000005 => "< 0.00001",
        < 1 and > 0.999995 => "> 0.99999",
        _ => value.ToString("0.00000", CultureInfo.InvariantCulture),
    };
}

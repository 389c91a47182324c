using System.Globalization;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>VaR and ES of nodes, and what a node's risk is made of.</summary>
internal static class VarTables
{
    /// <summary>Parts in one table; the largest come first.</summary>
    public const int PartsShown = 20;

    /// <summary>A row per node and measure.</summary>
    public static Table Nodes(IReadOnlyList<NodeRisk> nodes, string currency, int width)
    {
        var rows = nodes.SelectMany(Rows).ToList();
        var amounts = Amounts.For(rows.Where(r => r.Measure is not null).SelectMany(r => (double[])[r.Measure!.ValueAtRisk, r.Measure.ExpectedShortfall]));
        var measures = rows.Where(r => r.Measure is not null).Select(r => r.Measure!).ToList();
        var level = measures.Select(m => m.Interval?.Confidence).FirstOrDefault(c => !string.IsNullOrEmpty(c));
        var columns = new List<TableColumnOf<Row>>();
        if (measures.Select(m => m.Approximation).Distinct().Skip(1).Any() || measures.Exists(m => m.Approximation.Length > 0))
            columns.Add(new("approximation", r => r.Measure?.Approximation ?? "-", IsText: true));
        columns.Add(new("horizon", r => r.Measure is { } m ? Days(m.HorizonDays) : "-"));
        columns.Add(new("confidence", r => r.Measure is { } m ? Level(m) : "-"));
        columns.Add(new("VaR", r => amounts.Text(r.Measure?.ValueAtRisk)));
        columns.Add(new("ES", r => amounts.Text(r.Measure?.ExpectedShortfall)));
        if (level is not null)
            columns.Add(new($"VaR within ({RunText.Percent(level)})", r => Interval(r.Measure?.Interval, amounts)));
        if (measures.Exists(m => m.HasShortfallStandardError))
            columns.Add(new("ES std error", r => amounts.Text(r.Measure is { HasShortfallStandardError: true } m ? m.ShortfallStandardError : null)));
        columns.Add(new("trades", r => r.First ? Count(r.Node.Coverage?.Trades) : ""));
        columns.Add(new("missing", r => r.First ? Count(r.Node.Coverage?.Missing) : ""));
        return FittedTable.Create("", "node", rows, r => r.First ? r.Node.Path : "", columns, $"{amounts.Caption(currency)}; positive is a loss", width);
    }

    /// <summary>What one measure of a node is made of: by child, by factor class, by trade; as far as the run was asked for it.</summary>
    public static IEnumerable<Table> Parts(NodeRisk node, string currency, int width)
    {
        foreach (var measure in node.Measures)
        {
            var name = $"{node.Path}, {Name(measure)}";
            if (measure.Children.Count > 0)
                yield return Parts($"{name}: by child", "child", measure, BySize(measure.Children), currency, width);
            if (measure.Classes.Count > 0)
                yield return Parts($"{name}: by factor class", "class", measure, [.. measure.Classes], currency, width);
            if (measure.Trades.Count > 0)
                yield return Parts($"{name}: largest contributors", "trade", measure, [.. measure.Trades], currency, width);
        }
    }

    /// <summary>What the numbers of a node do not say by themselves.</summary>
    public static IEnumerable<string> Remarks(NodeRisk node)
    {
        foreach (var measure in node.Measures)
        {
            var name = $"{node.Path}, {Name(measure)}";
            if (measure.Scenarios.Count > 0)
                yield return $"{name}: the VaR is the loss of {string.Join(", ", measure.Scenarios)}.";
            if (measure.Caveat.Length > 0)
                yield return $"{name}: {measure.Caveat.TrimEnd('.')}.";
        }
    }

    private static Table Parts(string title, string heading, RiskMeasure measure, IReadOnlyList<RiskComponent> parts, string currency, int width)
    {
        var amounts = Amounts.For(parts.SelectMany(p => (double[])[p.ComponentEs, p.ComponentVar, p.StandaloneEs, p.IncrementalEs]).Append(measure.ExpectedShortfall));
        List<RiskComponent> shown = [.. parts.Take(PartsShown), Total(measure, parts)];
        var all = new (string Heading, Func<RiskComponent, bool> Has, Func<RiskComponent, string> Cell)[]
        {
            ("component ES", p => p.HasComponentEs, p => amounts.Text(p.HasComponentEs ? p.ComponentEs : null)),
            ("of ES", p => p.HasComponentEs, p => p.HasComponentEs ? Share(p.ComponentEs, measure.ExpectedShortfall) : "-"),
            ("component VaR", p => p.HasComponentVar, p => amounts.Text(p.HasComponentVar ? p.ComponentVar : null)),
            ("standalone ES", p => p.HasStandaloneEs, p => amounts.Text(p.HasStandaloneEs ? p.StandaloneEs : null)),
            ("standalone VaR", p => p.HasStandaloneVar, p => amounts.Text(p.HasStandaloneVar ? p.StandaloneVar : null)),
            ("incremental ES", p => p.HasIncrementalEs, p => amounts.Text(p.HasIncrementalEs ? p.IncrementalEs : null)),
            ("incremental VaR", p => p.HasIncrementalVar, p => amounts.Text(p.HasIncrementalVar ? p.IncrementalVar : null)),
            ("marginal ES", p => p.HasMarginalEs, p => p.HasMarginalEs ? Rate(p.MarginalEs) : "-"),
            ("marginal VaR", p => p.HasMarginalVar, p => p.HasMarginalVar ? Rate(p.MarginalVar) : "-"),
        };
        var columns = all.Where(c => parts.Any(c.Has)).Select(c => new TableColumnOf<RiskComponent>(c.Heading, c.Cell));
        var caption = amounts.Caption(currency);
        if (parts.Count > PartsShown)
            caption += string.Create(CultureInfo.InvariantCulture, $"; {parts.Count - PartsShown:N0} smaller parts not shown");
        return FittedTable.Create(title, heading, shown, p => p.Name, columns, caption, width);
    }

    // The parts' sum as the run has it is the node's own number; here it is added up again from what is shown, so that a gap would show.
    private static RiskComponent Total(RiskMeasure measure, IReadOnlyList<RiskComponent> parts)
    {
        var total = new RiskComponent { Name = "in all" };
        if (parts.Any(p => p.HasComponentEs))
            total.ComponentEs = parts.Aggregate(0.0, (sum, p) => sum + p.ComponentEs);
        if (parts.Any(p => p.HasComponentVar))
            total.ComponentVar = parts.Aggregate(0.0, (sum, p) => sum + p.ComponentVar);
        if (parts.Any(p => p.HasStandaloneEs))
            total.StandaloneEs = measure.ExpectedShortfall;
        if (parts.Any(p => p.HasStandaloneVar))
            total.StandaloneVar = measure.ValueAtRisk;
        return total;
    }

    private static IEnumerable<Row> Rows(NodeRisk node) =>
        node.Measures.Count == 0 ? [new Row(node, null, First: true)] : node.Measures.Select((m, i) => new Row(node, m, First: i == 0));

    private static List<RiskComponent> BySize(IEnumerable<RiskComponent> parts) =>
        [.. parts.OrderByDescending(p => Math.Abs(Size(p))).ThenBy(p => p.Name, StringComparer.Ordinal)];

    private static double Size(RiskComponent part) => part switch
    {
        { HasComponentEs: true } => part.ComponentEs,
        { HasStandaloneEs: true } => part.StandaloneEs,
        { HasIncrementalEs: true } => part.IncrementalEs,
        _ => part.ComponentVar,
    };

    /// <summary>Horizon, confidence, and approximation if any: <c>1 d, 99 %</c>.</summary>
    public static string Name(RiskMeasure measure) =>
        $"{Days(measure.HorizonDays)}, {Level(measure)}{(measure.Approximation.Length > 0 ? $", {measure.Approximation}" : string.Empty)}";

    /// <summary><c>99 %</c>, or <c>z = 1.65</c>.</summary>
    public static string Level(RiskMeasure measure) => measure.Confidence.Length > 0 ? RunText.Percent(measure.Confidence) : $"z = {measure.Z}";

    /// <summary><c>10 d</c>.</summary>
    public static string Days(uint days) => string.Create(CultureInfo.InvariantCulture, $"{days} d");

    private static string Interval(Interval? interval, Amounts amounts) => interval is null
        ? "-"
        : $"{amounts.Text(interval.HasLower ? interval.Lower : null)} .. {amounts.Text(interval.HasUpper ? interval.Upper : null)}";

    private static string Share(double part, double whole) => whole == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{100 * part / whole:N1} %");

    private static string Rate(double rate) => rate.ToString("N4", CultureInfo.InvariantCulture);

    private static string Count(uint? count) => count is { } value ? value.ToString("N0", CultureInfo.InvariantCulture) : "-";

    private sealed record Row(NodeRisk Node, RiskMeasure? Measure, bool First);
}

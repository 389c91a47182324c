using System.Globalization;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Output;

/// <summary>Rollups as a table for people: amounts in millions, what is not covered beside them.</summary>
internal static class RollupTable
{
    // Margins and borders of the whole table, and of one column of it.
    private const int TableMargin = 4;
    private const int ColumnMargin = 3;

    // In the order shown; the lower the rank, the longer a column stays when the terminal is narrow.
    private static readonly (string Heading, int Rank, Func<Rollup, string> Cell)[] Columns =
    [
        ("mtm", 0, r => Millions(r.Measures.Mtm)),
        ("delta", 4, r => Millions(r.Measures.DeltaCash)),
        ("gamma 1%", 8, r => Millions(r.Measures.GammaCash1Pct)),
        ("vega 1pt", 6, r => Millions(r.Measures.Vega1Pt)),
        ("theta 1d", 9, r => Millions(r.Measures.Theta1D)),
        ("rho 1bp", 10, r => Millions(r.Measures.Rho1Bp)),
        ("VaR 99%", 1, r => Millions(r.Tail?.Var991D)),
        ("ES 97.5%", 5, r => Millions(r.Tail?.Es9751D)),
        ("reserve", 11, r => Millions(r.Measures.BidAskReserve)),
        ("trades", 3, r => Count(r.Coverage.Trades)),
        ("not ok", 12, r => Count(NotOk(r.Coverage))),
        ("stale", 7, r => Count(r.Coverage.Stale)),
        ("failed", 2, r => Count(r.Coverage.Failed)),
    ];

    /// <summary>All nodes that are not books, then the books with the largest VaR, in as many columns as the terminal holds.</summary>
    public static Table Create(IReadOnlyList<Rollup> rollups, int books, int width)
    {
        var ranked = rollups.Where(IsBook).OrderByDescending(r => r.Tail?.Var991D ?? 0).ThenBy(r => r.Path, StringComparer.Ordinal).Take(books)
            .Select(r => r.Path).ToHashSet(StringComparer.Ordinal);
        var rows = rollups.Where(r => rollups.Count == 1 || !IsBook(r) || ranked.Contains(r.Path)).ToList();
        var shown = Fitting(rows, width);
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("node").NoWrap());
        foreach (var column in shown)
            table.AddColumn(new TableColumn(column.Heading).RightAligned().NoWrap());
        foreach (var row in rows)
        {
            var name = Markup.Escape(row.Path);
            table.AddRow([new Markup(IsBook(row) ? name : $"[bold]{name}[/]"), .. shown.Select(c => new Text(c.Cell(row)))]);
        }

        var currency = rollups.Count > 0 ? rollups[0].ReportingCurrency : string.Empty;
        var caption = $"{currency} millions";
        if (rows.Count < rollups.Count)
            caption += $"; {rollups.Count - rows.Count} smaller books not shown";
        if (shown.Count < Columns.Length)
            caption += $"; no room for {string.Join(", ", Columns.Except(shown).Select(c => c.Heading))}";
        table.Caption(new TableTitle(Markup.Escape(caption)));
        return table;
    }

    /// <summary>What the numbers do not say by themselves: marks, stale quotes, failures.</summary>
    public static IEnumerable<string> Remarks(Rollup top)
    {
        var coverage = top.Coverage;
        if (NotOk(coverage) > 0)
        {
            var marks = string.Join(", ", coverage.QuoteStatus.Where(s => !IsOk(s.Key)).OrderByDescending(s => s.Value).Select(s => $"{s.Value:N0} {s.Key}"));
            yield return $"{NotOk(coverage):N0} of {coverage.Priced:N0} priced trades are marked on the volatility surface: {marks}.";
        }

        foreach (var group in coverage.StaleGroups)
            yield return $"{group.Trades:N0} trades are priced from quotes of {group.AsOf.ToInstant().InUtc().Date:uuuu-MM-dd}, {group.AgeDays:N0} days old.";
        foreach (var failure in coverage.Failures)
            yield return $"{failure.TradeId}: {failure.Reason}";
        if (coverage.Failed > coverage.Failures.Count)
            yield return $"... {coverage.Failed:N0} trades failed in all.";
        foreach (var late in coverage.LateChildren)
            yield return $"{late} has not reported: its last known numbers are shown.";
        if (top.TailFailure.Length > 0)
            yield return $"The P&L vector is not whole: {top.TailFailure}.";
        else if (top.Tail is null)
            yield return "No P&L vector yet: VaR and ES are absent.";
        if (top.Tail is { TradesMissing: > 0 })
            yield return $"{top.Tail.TradesMissing:N0} trades are not in the P&L vector.";
    }

    private static bool IsBook(Rollup rollup) => string.Equals(rollup.Kind, "book", StringComparison.Ordinal);

    private static bool IsOk(string status) => string.Equals(status, Model.QuoteStatus.Ok, StringComparison.Ordinal);

    private static uint NotOk(Coverage coverage) => (uint)coverage.QuoteStatus.Where(s => !IsOk(s.Key)).Sum(s => (long)s.Value);

    private static List<(string Heading, int Rank, Func<Rollup, string> Cell)> Fitting(IReadOnlyList<Rollup> rows, int width)
    {
        var left = width - TableMargin - rows.Select(r => r.Path.Length).DefaultIfEmpty(0).Max();
        var shown = new List<(string Heading, int Rank, Func<Rollup, string> Cell)>();
        foreach (var column in Columns.OrderBy(c => c.Rank))
        {
            left -= rows.Select(r => column.Cell(r).Length).Append(column.Heading.Length).Max() + ColumnMargin;
            if (left < 0)
                break;
            shown.Add(column);
        }

        return [.. Columns.Where(shown.Contains)];
    }

    private static string Millions(double? amount) => Amounts.Millions.Text(amount);

    private static string Count(uint count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

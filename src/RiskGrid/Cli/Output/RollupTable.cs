using System.Globalization;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Output;

/// <summary>Rollups as a table for people: amounts in millions, what is not covered beside them.</summary>
internal static class RollupTable
{
    /// <summary>All nodes that are not books, then the books with the largest VaR.</summary>
    public static Table Create(IReadOnlyList<Rollup> rollups, int books)
    {
        var currency = rollups.Count > 0 ? rollups[0].ReportingCurrency : string.Empty;
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("node");
        foreach (var heading in new[] { "mtm", "delta", "gamma 1%", "vega 1pt", "theta 1d", "rho 1bp", "VaR 99% 1d", "ES 97.5% 1d", "reserve", "trades", "not ok", "stale", "failed" })
            table.AddColumn(new TableColumn(heading).RightAligned());
        var ranked = rollups.Where(IsBook).OrderByDescending(r => r.Tail?.Var991D ?? 0).ThenBy(r => r.Path, StringComparer.Ordinal).Take(books)
            .Select(r => r.Path).ToHashSet(StringComparer.Ordinal);
        var hidden = 0;
        foreach (var rollup in rollups)
        {
            if (rollups.Count > 1 && IsBook(rollup) && !ranked.Contains(rollup.Path))
            {
                hidden++;
                continue;
            }

            var coverage = rollup.Coverage;
            table.AddRow(
                new Markup(IsBook(rollup) ? Markup.Escape(rollup.Path) : $"[bold]{Markup.Escape(rollup.Path)}[/]"),
                Millions(rollup.Measures.Mtm), Millions(rollup.Measures.DeltaCash), Millions(rollup.Measures.GammaCash1Pct), Millions(rollup.Measures.Vega1Pt),
                Millions(rollup.Measures.Theta1D), Millions(rollup.Measures.Rho1Bp),
                Millions(rollup.Tail?.Var991D), Millions(rollup.Tail?.Es9751D), Millions(rollup.Measures.BidAskReserve),
                Count(coverage.Trades), Count(NotOk(coverage)), Count(coverage.Stale), Count(coverage.Failed));
        }

        var note = hidden == 0 ? string.Empty : $"; {hidden} smaller books not shown";
        table.Caption(new TableTitle(Markup.Escape($"{currency} millions{note}")));
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
        if (top.Tail is null)
            yield return "No P&L vector yet: VaR and ES are absent.";
        else if (top.Tail.TradesMissing > 0)
            yield return $"{top.Tail.TradesMissing:N0} trades are not in the P&L vector.";
    }

    private static bool IsBook(Rollup rollup) => string.Equals(rollup.Kind, "book", StringComparison.Ordinal);

    private static bool IsOk(string status) => string.Equals(status, Model.QuoteStatus.Ok, StringComparison.Ordinal);

    private static uint NotOk(Coverage coverage) => (uint)coverage.QuoteStatus.Where(s => !IsOk(s.Key)).Sum(s => (long)s.Value);

    private static Text Millions(double? amount) => new(amount is { } a ? (a / 1e6).ToString("N2", CultureInfo.InvariantCulture) : "-");

    private static Text Count(uint count) => new(count.ToString("N0", CultureInfo.InvariantCulture));
}

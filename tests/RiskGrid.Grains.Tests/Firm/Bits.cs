using System.Globalization;
using System.Text;
using RiskGrid.Grains.Nodes;
using RiskGrid.Protocol.Grid;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>Reports as text that is equal exactly when every number is equal to the bit.</summary>
internal static class Bits
{
    /// <summary>All that a settled report says of trades and market; not its version and market point, which tell how it came to be.</summary>
    public static string Of(NodeReport report)
    {
        var text = new StringBuilder();
        var rollup = report.Rollup;
        text.AppendLine($"{rollup.NodeId} {rollup.Path} {rollup.Kind} {rollup.ReportingCurrency} ledger {rollup.LedgerSequence}");
        text.AppendLine("total " + Of(rollup.Measures));
        foreach (var (currency, measures) in rollup.Native.OrderBy(n => n.Key, StringComparer.Ordinal))
            text.AppendLine(currency + " " + Of(measures));
        text.AppendLine(Of(rollup.Coverage));
        if (rollup.Tail is { } tail)
            text.AppendLine($"tail {Of(tail.Var991D)} {Of(tail.Es9751D)} {tail.Scenarios} {tail.ScenarioSetHash} missing {tail.TradesMissing}");
        text.AppendLine("pnl " + Convert.ToHexString(report.Pnl.Span));
        return text.ToString();
    }

    public static string Of(Wire.Measures m) =>
        string.Join(' ', new[] { m.Mtm, m.DeltaCash, m.GammaCash1Pct, m.Vega1Pt, m.Theta1D, m.Rho1Bp, m.BidAskReserve, m.FxDelta }.Select(Of));

    public static string Of(Pricing.Measures m) =>
        string.Join(' ', new[] { m.Mtm, m.DeltaCash, m.GammaCash1Pct, m.Vega1Pt, m.Theta1D, m.Rho1Bp, m.BidAskReserve, m.FxDelta }.Select(Of));

    public static string Of(double value) => $"{BitConverter.DoubleToInt64Bits(value):X16}({value.ToString("G6", CultureInfo.InvariantCulture)})";

    public static double[] Vector(NodeReport report) => PnlVectors.FromWire(report.Pnl).ToArray();

    /// <summary>The nodes whose reports differ, with both sides.</summary>
    public static void Equal(SettledFirm expected, SettledFirm actual, string promise)
    {
        Assert.Equal(expected.Nodes.Keys.Order(StringComparer.Ordinal), actual.Nodes.Keys.Order(StringComparer.Ordinal));
        foreach (var (path, report) in expected.Nodes)
        {
            var (want, got) = (Of(report), Of(actual.Nodes[path]));
            Assert.True(string.Equals(want, got, StringComparison.Ordinal), $"{promise}: {path} differs\nexpected\n{want}\ngot\n{got}");
        }
    }

    private static string Of(Wire.Coverage c)
    {
        var text = new StringBuilder($"trades {c.Trades} priced {c.Priced} failed {c.Failed} stale {c.Stale} late [{string.Join(' ', c.LateChildren)}]");
        foreach (var failure in c.Failures)
            text.Append($" !{failure.TradeId}: {failure.Reason}");
        foreach (var (status, count) in c.QuoteStatus.OrderBy(s => s.Key, StringComparer.Ordinal))
            text.Append($" {status} {count}");
        foreach (var group in c.StaleGroups)
            text.Append($" {group.AsOf} {group.Trades} {Of(group.AgeDays)}");
        return text.Append($" oldest {c.OldestQuote} newest {c.NewestQuote}").ToString();
    }
}

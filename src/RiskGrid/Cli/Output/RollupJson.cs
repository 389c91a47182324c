using System.Text.Json.Nodes;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Output;

/// <summary>A rollup as JSON: the measures flat beside the path, in the names of docs/measures.md.</summary>
internal static class RollupJson
{
    public static JsonObject Node(Rollup rollup)
    {
        var node = new JsonObject { ["path"] = rollup.Path, ["id"] = rollup.NodeId, ["kind"] = rollup.Kind, ["currency"] = rollup.ReportingCurrency };
        foreach (var (name, value) in Measures(rollup.Measures))
            node[name] = value;
        node["var_99_1d"] = rollup.Tail is { } tail ? tail.Var991D : null;
        node["es_975_1d"] = rollup.Tail is { } es ? es.Es9751D : null;
        if (rollup.Tail is { } scenarios)
        {
            node["tail"] = new JsonObject
            {
                ["scenarios"] = scenarios.Scenarios,
                ["scenario_set_hash"] = scenarios.ScenarioSetHash,
                ["trades_missing"] = scenarios.TradesMissing,
                ["market"] = Point(scenarios.AsOf),
            };
        }

        if (rollup.TailFailure.Length > 0)
            node["tail_failure"] = rollup.TailFailure;
        if (rollup.Native.Count > 0)
        {
            node["native"] = new JsonObject(rollup.Native.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n =>
                KeyValuePair.Create(n.Key, (JsonNode?)new JsonObject(Measures(n.Value).Select(m => KeyValuePair.Create(m.Name, (JsonNode?)JsonValue.Create(m.Value)))))));
        }

        node["coverage"] = Coverage(rollup.Coverage);
        node["market"] = Point(rollup.AsOf);
        node["ledger_sequence"] = rollup.LedgerSequence;
        node["hierarchy_version"] = rollup.HierarchyVersion;
        node["version"] = rollup.Version;
        node["kernel_version"] = rollup.KernelVersion;
        return node;
    }

    /// <summary>The additive measures by name.</summary>
    public static IEnumerable<(string Name, double Value)> Measures(Measures? measures)
    {
        measures ??= new Measures();
        yield return ("mtm", measures.Mtm);
        yield return ("delta_cash", measures.DeltaCash);
        yield return ("gamma_cash_1pct", measures.GammaCash1Pct);
        yield return ("vega_1pt", measures.Vega1Pt);
        yield return ("theta_1d", measures.Theta1D);
        yield return ("rho_1bp", measures.Rho1Bp);
        yield return ("bid_ask_reserve", measures.BidAskReserve);
        yield return ("fx_delta", measures.FxDelta);
    }

    public static JsonObject? Point(MarketPoint? point) => point is null ? null : new JsonObject
    {
        ["market"] = point.Market,
        ["epoch"] = point.Epoch,
        ["sequence"] = point.Sequence,
        ["valuation"] = point.Valuation?.ToInstant().ToString(),
    };

    private static JsonObject Coverage(Coverage coverage) => new()
    {
        ["trades"] = coverage.Trades,
        ["priced"] = coverage.Priced,
        ["failed"] = coverage.Failed,
        ["stale"] = coverage.Stale,
        ["quote_status"] = new JsonObject(coverage.QuoteStatus.OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => KeyValuePair.Create(s.Key, (JsonNode?)JsonValue.Create(s.Value)))),
        ["stale_groups"] = new JsonArray([.. coverage.StaleGroups.Select(g => (JsonNode)new JsonObject
        {
            ["as_of"] = g.AsOf.ToInstant().ToString(),
            ["trades"] = g.Trades,
            ["age_days"] = g.AgeDays,
        })]),
        ["oldest_quote"] = coverage.OldestQuote?.ToInstant().ToString(),
        ["newest_quote"] = coverage.NewestQuote?.ToInstant().ToString(),
        ["failures"] = new JsonArray([.. coverage.Failures.Select(f => (JsonNode)new JsonObject { ["trade_id"] = f.TradeId, ["reason"] = f.Reason })]),
        ["late_children"] = new JsonArray([.. coverage.LateChildren.Select(c => (JsonNode)JsonValue.Create(c))]),
    };
}

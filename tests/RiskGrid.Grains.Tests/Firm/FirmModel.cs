using Google.Protobuf;
using RiskGrid.Grains.Nodes;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Risk;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>What a firm's numbers must be, computed without any grain: each book by the pricer and the revaluation on one snapshot, each desk by
/// adding its children in name order.</summary>
internal sealed class FirmModel
{
    private readonly Hierarchy _hierarchy;
    private readonly Dictionary<NodeId, Node> _nodes = [];

    public FirmModel(Hierarchy hierarchy, IEnumerable<Trade> trades, MarketSnapshot snapshot, ScenarioSet scenarios)
    {
        _hierarchy = hierarchy;
        var byBook = trades.ToLookup(t => t.Terms.Book);
        foreach (var node in hierarchy.TopDown().Reverse())
            _nodes[node.Id] = node.Kind == NodeKind.Book ? Book(node.Id, byBook[node.Id], snapshot, scenarios) : Desk(node.Id, scenarios);
    }

    /// <summary>The numbers of one node.</summary>
    public Node this[NodeId id] => _nodes[id];

    public static MarketSnapshot Snapshot(Wire.GetMarketResponse market) => new(
        market.Point.Valuation.ToInstant(),
        market.Quotes.Select(q => KeyValuePair.Create(FactorName.Parse(q.Factor), new Quote(q.Value, q.AsOf.ToInstant(), q.Status))));

    /// <summary>The settled firm has these numbers, to the bit.</summary>
    public void Check(SettledFirm settled, string promise)
    {
        foreach (var (id, node) in _nodes)
        {
            var report = settled[id.Value];
            var where = $"{promise}: {_hierarchy.PathOf(id)}";
            Equal(Bits.Of(node.Total), Bits.Of(report.Rollup.Measures), where);
            Equal($"{node.Trades} trades, {node.Failed} failed", $"{report.Rollup.Coverage.Trades} trades, {report.Rollup.Coverage.Failed} failed", where);
            Equal(Convert.ToHexString(node.Pnl.Span), Convert.ToHexString(report.Pnl.Span), where + ", P&L vector");
            if (!node.Pnl.IsEmpty)
                Equal(Bits.Of(TailMeasures.ValueAtRisk(PnlVectors.FromWire(node.Pnl), 0.99m)), Bits.Of(report.Rollup.Tail.Var991D), where + ", VaR");
        }
    }

    private static void Equal(string expected, string actual, string where) =>
        Assert.True(string.Equals(expected, actual, StringComparison.Ordinal), $"{where}\nexpected {expected}\ngot      {actual}");

    private static Node Book(NodeId id, IEnumerable<Trade> trades, MarketSnapshot snapshot, ScenarioSet scenarios)
    {
        var market = SheetMarket.From(Sheet.Build(id, trades), snapshot, SmallFirm.Options);
        var valuation = SheetPricer.Price(market);
        return new Node(
            valuation.Total, valuation.Coverage.Trades, valuation.Coverage.Failed, PnlVectors.ToWire(new SheetRevaluation(market, scenarios).ComputeAll()));
    }

    private Node Desk(NodeId id, ScenarioSet scenarios)
    {
        var children = _hierarchy.Children(id).Select(c => _nodes[c.Id]).ToList();
        var total = Measures.Zero;
        foreach (var child in children)
            total += child.Total;
        var vectors = children.Where(c => !c.Pnl.IsEmpty).Select(c => c.Pnl).ToList();
        var pnl = vectors.Count == 0 ? ByteString.Empty : PnlVectors.ToWire(PnlVectors.Sum(vectors, scenarios.Count));
        return new Node(total, children.Sum(c => c.Trades), children.Sum(c => c.Failed), pnl);
    }

    public sealed record Node(Measures Total, int Trades, int Failed, ByteString Pnl);
}

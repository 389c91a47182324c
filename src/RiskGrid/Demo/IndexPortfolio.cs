using System.Globalization;
using NodaTime.Text;
using RiskGrid.Model;
using RiskGrid.Pricing.Chains;

namespace RiskGrid.Demo;

/// <summary>The whole listed index option market as a portfolio: one trade a contract, as many of it as are open, in one book per expiry date.</summary>
internal static class IndexPortfolio
{
    /// <summary>The desk that holds the books.</summary>
    public static NodeId Desk { get; } = NodeId.Parse("INDEX");

    /// <summary>The desk and its books.</summary>
    public static IEnumerable<HierarchyNode> Nodes(CalibratedChain chain, NodeId firm)
    {
        yield return new HierarchyNode(Desk, NodeKind.Desk, Desk.Value, firm);
        foreach (var book in chain.Contracts.Select(c => BookOf(c)).Distinct().Order())
            yield return new HierarchyNode(book, NodeKind.Book, book.Value, Desk);
    }

    /// <summary>The trades. A blank open interest counts as zero: the trade is there, with nothing of it.</summary>
    public static IEnumerable<KeyValuePair<TradeId, TradeTerms>> Trades(CalibratedChain chain) =>
        chain.Contracts.Select(c => KeyValuePair.Create(TradeId.Parse(c.Contract), new TradeTerms(c.Option, c.OpenInterest, BookOf(c), "OPEN INTEREST")));

    private static NodeId BookOf(CalibratedContract contract) => NodeId.Parse(
        string.Create(CultureInfo.InvariantCulture, $"SPX-{LocalDatePattern.Iso.Format(contract.Option.Expiry.Date)}"));
}

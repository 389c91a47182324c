using RiskGrid.Model;
using RiskGrid.Protocol.Mapping;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>Commands in wire form.</summary>
internal static class Commands
{
    public static Wire.TradeCommand Book(string command, string trade, TradeTerms terms) =>
        new() { CommandId = command, TradeId = trade, Book = TradeMapping.ToWire(terms) };

    public static Wire.TradeCommand Amend(string command, string trade, long version, TradeTerms terms) =>
        new() { CommandId = command, TradeId = trade, Amend = new() { ExpectedVersion = version, Terms = TradeMapping.ToWire(terms) } };

    public static Wire.TradeCommand Cancel(string command, string trade, long version) =>
        new() { CommandId = command, TradeId = trade, Cancel = new() { ExpectedVersion = version } };

    /// <summary>The same terms in another book.</summary>
    public static TradeTerms In(this TradeTerms terms, string book) => new(terms.Instrument, terms.Quantity, NodeId.Parse(book), terms.Counterparty);

    /// <summary>The same terms with another quantity.</summary>
    public static TradeTerms Of(this TradeTerms terms, double quantity) => new(terms.Instrument, quantity, terms.Book, terms.Counterparty);
}

using NodaTime;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Rows;

/// <summary>A row of <c>trade_event</c> and the event it stands for.</summary>
internal static class EventRow
{
    /// <summary>The columns in the order in which <see cref="Read"/> takes them, of the table under the alias <c>e</c>.</summary>
    public const string Columns = """
        e.trade_id, e.version, e.book, e.book_sequence, e.from_book, e.from_book_sequence, e.epoch, e.command_id, e.kind, e.valid_at,
        e.recorded_at, e.payload, e.author
        """;

    /// <summary>The columns that <see cref="ReadTrade"/> takes.</summary>
    public const string TradeColumns = "e.trade_id, e.version, e.payload";

    public static TradeEvent Read<TRow>(TRow row)
        where TRow : IStoredRow
    {
        var kind = (TradeEventKind)row.Int64(8);
        var trade = new Trade(
            TradeId.Parse(row.Text(0)), row.Int64(1), Terms(row, 11),
            kind == TradeEventKind.Cancelled ? TradeLifecycle.Cancelled : TradeLifecycle.Live);
        return new TradeEvent(
            kind, trade, NodeId.Parse(row.Text(2)), row.Int64(3), row.IsNull(4) ? null : NodeId.Parse(row.Text(4)),
            row.IsNull(5) ? null : row.Int64(5), row.Int64(6), CommandId.Parse(row.Text(7)), Instant.FromUnixTimeTicks(row.Int64(9)),
            Instant.FromUnixTimeTicks(row.Int64(10)), row.Text(12));
    }

    /// <summary>A live trade.</summary>
    public static Trade ReadTrade<TRow>(TRow row)
        where TRow : IStoredRow =>
        new(TradeId.Parse(row.Text(0)), row.Int64(1), Terms(row, 2), TradeLifecycle.Live);

    private static TradeTerms Terms<TRow>(TRow row, int column)
        where TRow : IStoredRow
    {
        try
        {
            return TradeTermsCodec.Decode(row.Blob(column));
        }
        catch (LedgerFormatException broken)
        {
            throw new LedgerFormatException($"Trade {row.Text(0)} version {row.Int64(1)}: {broken.Message}", broken);
        }
    }
}

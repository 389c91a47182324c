using Npgsql;
using RiskGrid.Protocol.V1;
using RiskGrid.Testing;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>The rows of a ledger as they are in PostgreSQL, read by nothing of RiskGrid's.</summary>
internal sealed class LedgerFacts
{
    /// <summary>The reply stored with each command id.</summary>
    public Dictionary<string, byte[]> Replies { get; } = new(StringComparer.Ordinal);

    /// <summary>Every event, by trade and version.</summary>
    public List<EventFact> Events { get; } = [];

    /// <summary>Each book's last sequence and epoch.</summary>
    public Dictionary<string, (long Sequence, long Epoch)> Books { get; } = new(StringComparer.Ordinal);

    /// <summary>The live trades of each book: (book, trade) to version.</summary>
    public Dictionary<(string Book, string Trade), long> Live { get; } = [];

    public static async Task<LedgerFacts> ReadAsync(Uri database)
    {
        var facts = new LedgerFacts();
        await using var source = NpgsqlDataSource.Create(TestServer.ConnectionString(database));
        await ReadAsync(source, "SELECT command_id, reply FROM command", r => facts.Replies.Add(r.GetString(0), r.GetFieldValue<byte[]>(1)));
        await ReadAsync(
            source,
            "SELECT trade_id, version, book, book_sequence, from_book, from_book_sequence, epoch, command_id, kind, author FROM trade_event ORDER BY trade_id, version",
            r => facts.Events.Add(new EventFact(
                r.GetString(0), r.GetInt64(1), r.GetString(2), r.GetInt64(3), r.IsDBNull(4) ? "" : r.GetString(4), r.IsDBNull(5) ? 0 : r.GetInt64(5),
                r.GetInt64(6), r.GetString(7), r.GetInt64(8), r.GetString(9))));
        await ReadAsync(source, "SELECT id, sequence, epoch FROM book", r => facts.Books.Add(r.GetString(0), (r.GetInt64(1), r.GetInt64(2))));
        await ReadAsync(source, "SELECT book, trade_id, version FROM trade", r => facts.Live.Add((r.GetString(0), r.GetString(1)), r.GetInt64(2)));
        return facts;
    }

    private static async Task ReadAsync(NpgsqlDataSource source, string sql, Action<NpgsqlDataReader> row)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            row(reader);
    }
}

/// <summary>A row of trade_event.</summary>
internal sealed record EventFact(
    string Trade, long Version, string Book, long Sequence, string FromBook, long FromSequence, long Epoch, string Command, long Kind, string Author)
{
    /// <summary>The book whose activation wrote it: that the trade left, or is in.</summary>
    public string Writer => FromBook.Length > 0 ? FromBook : Book;

    /// <summary>Its sequence there.</summary>
    public long WriterSequence => FromBook.Length > 0 ? FromSequence : Sequence;

    public static long KindOf(TradeCommand command) => command.ActionCase switch
    {
        TradeCommand.ActionOneofCase.Book => 1,
        TradeCommand.ActionOneofCase.Amend => 2,
        _ => 3,
    };
}

namespace RiskGrid.Ledger.Copying;

/// <summary>What a column holds. A null is a null in every store.</summary>
internal enum ColumnKind
{
    Int64,
    Text,
    Bytes,
}

/// <summary>A table as every store has it, and the order in which its rows are copied and hashed.</summary>
internal sealed record LedgerTable(string Name, string Order, IReadOnlyList<(string Name, ColumnKind Kind)> Columns)
{
    private static readonly LedgerTable[] Stored =
    [
        Of("book", "id", "id t, epoch i, sequence i"),
        Of("hierarchy", "version", "version i, content b, recorded_at i"),

        // In the order of recording, so that the last row is the newest one also in a store that goes by that.
        Of("trade_event", "recorded_at, book, book_sequence", """
            trade_id t, version i, book t, book_sequence i, from_book t, from_book_sequence i, epoch i, command_id t, kind i, valid_at i,
            recorded_at i, payload b, author t
            """),
        Of("command", "command_id", "command_id t, request_hash b, reply b, recorded_at i"),
        Of("snapshot", "hash", "hash t, valuation i, content b, recorded_at i"),
        Of("market", "id", "id t, hash t, content b, recorded_at i"),
        Of("blob", "key", "key t, kind t, checksum b, content b, recorded_at i"),
        Of("run", "number", """
            number i, id t, spec t, manifest t, item_count i, state i, created_at i, deadline i, ended_at i, result b, result_hash t, error t
            """),
        Of("run_item", "run, leg, block", "run i, leg i, block i, payload b"),
        Of("run_vector", "run, leg, node", "run i, leg i, node t, scenario_set_hash t, content b"),
    ];

    /// <summary>All that is copied, what is referred to first.</summary>
    public static IReadOnlyList<LedgerTable> Copied => Stored;

    /// <summary>All that is compared: also the live trades, which the target makes anew from the events.</summary>
    public static IReadOnlyList<LedgerTable> Compared { get; } = [.. Stored, Of("trade", "book, trade_id", "book t, trade_id t, version i")];

    public string ColumnNames { get; } = string.Join(", ", Columns.Select(c => c.Name));

    /// <summary>The same text for every store: its keys sort by their bytes in all of them.</summary>
    public string SelectAll => $"SELECT {ColumnNames} FROM {Name} ORDER BY {Order}";

    private static LedgerTable Of(string name, string order, string columns) =>
        new(name, order, [.. columns.Split(',', StringSplitOptions.TrimEntries).Select(c => c.Split(' ')).Select(c => (c[0], c[1] switch
        {
            "i" => ColumnKind.Int64,
            "t" => ColumnKind.Text,
            _ => ColumnKind.Bytes,
        }))]);
}

namespace RiskGrid.Ledger.Rows;

/// <summary>One row of a store, read by column number from 0.</summary>
internal interface IStoredRow
{
    bool IsNull(int column);

    long Int64(int column);

    string Text(int column);

    /// <summary>The bytes of a column, valid until the next row.</summary>
    ReadOnlySpan<byte> Blob(int column);
}

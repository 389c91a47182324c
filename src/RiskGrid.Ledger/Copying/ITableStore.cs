namespace RiskGrid.Ledger.Copying;

/// <summary>All rows of a ledger at one moment.</summary>
internal interface ITableReader : IAsyncDisposable
{
    /// <summary>The rows of a table in its order: a <see cref="long"/>, a <see cref="string"/>, bytes or null for each column.</summary>
    IAsyncEnumerable<object?[]> ReadAsync(LedgerTable table, CancellationToken cancellationToken);
}

/// <summary>A ledger that can be filled while it is empty.</summary>
internal interface ITableStore
{
    /// <summary>Fills an empty ledger and makes its derived rows.</summary>
    /// <param name="rows">The rows of a table. Every table of <see cref="LedgerTable.Copied"/> is asked for once, in that order.</param>
    /// <param name="cancellationToken">Stops the filling; what was filled so far is no ledger.</param>
    /// <exception cref="Model.ValidationException">It is not empty (field <c>to</c>).</exception>
    Task FillAsync(Func<LedgerTable, IAsyncEnumerable<object?[]>> rows, CancellationToken cancellationToken);
}

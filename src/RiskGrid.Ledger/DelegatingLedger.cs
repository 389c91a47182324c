using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>A ledger that hands everything to another, for those that add something to some of it. Thread-safe.</summary>
/// <param name="inner">The other one; disposed with this.</param>
public abstract partial class DelegatingLedger(ILedger inner) : ILedger
{
    /// <summary>The other one.</summary>
    protected ILedger Inner { get; } = inner;

    /// <inheritdoc/>
    public virtual Task<Instant> ReadClockAsync(CancellationToken cancellationToken) =>
        AskAsync("read_clock", ledger => ledger.ReadClockAsync(cancellationToken));

    /// <inheritdoc/>
    public virtual Task<long> TakeEpochAsync(NodeId book, CancellationToken cancellationToken) =>
        AskAsync("take_epoch", ledger => ledger.TakeEpochAsync(book, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<AppendResult>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        AskAsync("append", ledger => ledger.AppendAsync(batch, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<BookState> ReadBookAsync(NodeId book, AsOf? asOf, CancellationToken cancellationToken) =>
        AskAsync("read_book", ledger => ledger.ReadBookAsync(book, asOf, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<BookState> ReadBookAtAsync(NodeId book, long sequence, CancellationToken cancellationToken) =>
        AskAsync("read_book_at", ledger => ledger.ReadBookAtAsync(book, sequence, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<TradeEvent>> ReadBookEventsAsync(NodeId book, long afterSequence, CancellationToken cancellationToken) =>
        AskAsync("read_book_events", ledger => ledger.ReadBookEventsAsync(book, afterSequence, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<TradeEvent>> ReadTradeAsync(TradeId trade, CancellationToken cancellationToken) =>
        AskAsync("read_trade", ledger => ledger.ReadTradeAsync(trade, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<IReadOnlyDictionary<NodeId, long>> ReadPositionAsync(CancellationToken cancellationToken) =>
        AskAsync("read_position", ledger => ledger.ReadPositionAsync(cancellationToken));

    /// <inheritdoc/>
    public virtual Task<LedgerPosition> ReadPositionAndHierarchyAsync(CancellationToken cancellationToken) =>
        AskAsync("read_position_and_hierarchy", ledger => ledger.ReadPositionAndHierarchyAsync(cancellationToken));

    /// <inheritdoc/>
    public virtual Task<long> PutHierarchyAsync(Hierarchy hierarchy, long expectedVersion, CancellationToken cancellationToken) =>
        AskAsync("put_hierarchy", ledger => ledger.PutHierarchyAsync(hierarchy, expectedVersion, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<(long Version, Hierarchy Hierarchy)?> ReadHierarchyAsync(CancellationToken cancellationToken) =>
        AskAsync("read_hierarchy", ledger => ledger.ReadHierarchyAsync(cancellationToken));

    /// <inheritdoc/>
    public virtual Task<Hierarchy?> ReadHierarchyAsync(long version, CancellationToken cancellationToken) =>
        AskAsync("read_hierarchy", ledger => ledger.ReadHierarchyAsync(version, cancellationToken));

    /// <inheritdoc/>
    public virtual Task PutSnapshotAsync(MarketSnapshot snapshot, CancellationToken cancellationToken) =>
        AskAsync("put_snapshot", ledger => ledger.PutSnapshotAsync(snapshot, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<MarketSnapshot?> ReadSnapshotAsync(string hash, CancellationToken cancellationToken) =>
        AskAsync("read_snapshot", ledger => ledger.ReadSnapshotAsync(hash, cancellationToken));

    /// <inheritdoc/>
    public virtual Task KeepMarketAsync(NodeId market, long epoch, MarketSnapshot snapshot, CancellationToken cancellationToken) =>
        AskAsync("keep_market", ledger => ledger.KeepMarketAsync(market, epoch, snapshot, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<MarketSnapshot?> ReadMarketAsync(NodeId market, CancellationToken cancellationToken) =>
        AskAsync("read_market", ledger => ledger.ReadMarketAsync(market, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<string> PutBlobAsync(string kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        AskAsync("put_blob", ledger => ledger.PutBlobAsync(kind, content, cancellationToken));

    /// <inheritdoc/>
    public virtual Task PutBlobAsync(string kind, string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        AskAsync("put_blob", ledger => ledger.PutBlobAsync(kind, key, content, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<byte[]?> ReadBlobAsync(string key, CancellationToken cancellationToken) =>
        AskAsync("read_blob", ledger => ledger.ReadBlobAsync(key, cancellationToken));

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Inner.DisposeAsync();
    }

    /// <summary>Asks the other ledger.</summary>
    /// <param name="operation">What is asked, for people: <c>read_book</c>.</param>
    /// <param name="ask">Asks it.</param>
    protected virtual Task<T> AskAsync<T>(string operation, Func<ILedger, Task<T>> ask) => ask(Inner);

    // One way through for all.
    private async Task AskAsync(string operation, Func<ILedger, Task> ask) =>
        await AskAsync(
            operation,
            async ledger =>
            {
                await ask(ledger).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
}

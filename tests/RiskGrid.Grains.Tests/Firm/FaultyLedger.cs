using RiskGrid.Ledger;
using RiskGrid.Model;

namespace RiskGrid.Grains.Tests;

/// <summary>A ledger that fails on demand, before or after what was asked is done.</summary>
internal sealed partial class FaultyLedger(ILedger inner) : ILedger
{
    /// <summary>Nothing can be read or written.</summary>
    public bool Down { get; set; }

    /// <summary>The next append, or the next run, is durable, but its caller hears that the store failed.</summary>
    public bool LosesNextAnswer { get; set; }

    public Task<NodaTime.Instant> ReadClockAsync(CancellationToken cancellationToken) => Up(inner).ReadClockAsync(cancellationToken);

    public Task<long> TakeEpochAsync(NodeId book, CancellationToken cancellationToken) => Up(inner).TakeEpochAsync(book, cancellationToken);

    public async Task<IReadOnlyList<AppendResult>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var results = await Up(inner).AppendAsync(batch, cancellationToken);
        if (!LosesNextAnswer)
            return results;
        LosesNextAnswer = false;
        throw new LedgerUnavailableException("the answer was lost");
    }

    public Task<BookState> ReadBookAsync(NodeId book, AsOf? asOf, CancellationToken cancellationToken) => Up(inner).ReadBookAsync(book, asOf, cancellationToken);

    public Task<BookState> ReadBookAtAsync(NodeId book, long sequence, CancellationToken cancellationToken) =>
        Up(inner).ReadBookAtAsync(book, sequence, cancellationToken);

    public Task<IReadOnlyList<TradeEvent>> ReadBookEventsAsync(NodeId book, long afterSequence, CancellationToken cancellationToken) =>
        Up(inner).ReadBookEventsAsync(book, afterSequence, cancellationToken);

    public Task<IReadOnlyList<TradeEvent>> ReadTradeAsync(TradeId trade, CancellationToken cancellationToken) =>
        Up(inner).ReadTradeAsync(trade, cancellationToken);

    public Task<IReadOnlyDictionary<NodeId, long>> ReadPositionAsync(CancellationToken cancellationToken) => Up(inner).ReadPositionAsync(cancellationToken);

    public Task<long> PutHierarchyAsync(Hierarchy hierarchy, long expectedVersion, CancellationToken cancellationToken) =>
        Up(inner).PutHierarchyAsync(hierarchy, expectedVersion, cancellationToken);

    public Task<(long Version, Hierarchy Hierarchy)?> ReadHierarchyAsync(CancellationToken cancellationToken) =>
        Up(inner).ReadHierarchyAsync(cancellationToken);

    public Task<Hierarchy?> ReadHierarchyAsync(long version, CancellationToken cancellationToken) =>
        Up(inner).ReadHierarchyAsync(version, cancellationToken);

    public Task PutSnapshotAsync(MarketSnapshot snapshot, CancellationToken cancellationToken) => Up(inner).PutSnapshotAsync(snapshot, cancellationToken);

    public Task<MarketSnapshot?> ReadSnapshotAsync(string hash, CancellationToken cancellationToken) => Up(inner).ReadSnapshotAsync(hash, cancellationToken);

    public Task KeepMarketAsync(NodeId market, long epoch, MarketSnapshot snapshot, CancellationToken cancellationToken) =>
        Up(inner).KeepMarketAsync(market, epoch, snapshot, cancellationToken);

    public Task<MarketSnapshot?> ReadMarketAsync(NodeId market, CancellationToken cancellationToken) => Up(inner).ReadMarketAsync(market, cancellationToken);

    public Task<string> PutBlobAsync(string kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        Up(inner).PutBlobAsync(kind, content, cancellationToken);

    public Task PutBlobAsync(string kind, string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        Up(inner).PutBlobAsync(kind, key, content, cancellationToken);

    public Task<byte[]?> ReadBlobAsync(string key, CancellationToken cancellationToken) => Up(inner).ReadBlobAsync(key, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ILedger Up(ILedger ledger) => Down ? throw new LedgerUnavailableException("the disk is full") : ledger;
}

using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Model;

namespace RiskGrid.Grains.Books;

/// <inheritdoc cref="IBookGrain"/>
/// <remarks>Bookings are turns; pricing is not: a turn hands an immutable sheet to the compute pool and ends, and the result comes back as a
/// turn. Never two passes at once, never a queue of passes.</remarks>
public sealed partial class BookGrain(SiloServices silo) : Grain, IBookGrain
{
    // The book's live trades at ledger sequence _sequence, written only with _epoch.
    private readonly SortedDictionary<TradeId, Trade> _trades = [];
    private NodeId _book;
    private long _epoch;
    private long _sequence;
    private HierarchyVersion _hierarchy = null!;
    private IDisposable? _hierarchySubscription;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _book = NodeId.Parse(Context.Key);
        _reporter = new NodeReporter(silo, Context, _book.Value);
        await silo.Hierarchy.CurrentAsync();
        _epoch = await silo.Ledger.AskAsync(l => l.TakeEpochAsync(_book, cancellationToken));
        _versions = new NodeVersions(_epoch);
        await ReadAsync(cancellationToken);

        // Nothing can fail from here on: an activation that failed would leave its subscription behind.
        _hierarchySubscription = silo.Hierarchy.Subscribe(next => Context.Post(() => HierarchyChanged(next)));
        _hierarchy = await silo.Hierarchy.CurrentAsync();
        _tradesChanged = true;
        StartPass();
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _hierarchySubscription?.Dispose();
        _watch?.Dispose();
        foreach (var waiter in _waiters)
            waiter.Reply.TrySetException(new ActivationFencedException($"book {_book} ends: {reason}"));
        return Task.CompletedTask;
    }

    // A few books at a time: where partitions come by the dozen, the first is priced once it is read, and not once all of them are. The epoch is
    // not a part of it: it may have to wait for a former owner that stands still in a transaction.
    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await silo.BookReaders.WaitAsync(cancellationToken);
        try
        {
            var state = await silo.Ledger.AskAsync(l => l.ReadBookAsync(_book, null, cancellationToken));
            _sequence = state.Sequence;
            foreach (var trade in state.Trades)
                _trades.Add(trade.Id, trade);
        }
        finally
        {
            silo.BookReaders.Release();
        }
    }

    private Task HierarchyChanged(HierarchyVersion next)
    {
        if (next.Version > _hierarchy.Version)
        {
            _hierarchy = next;
            Publish();
        }

        return Task.CompletedTask;
    }
}

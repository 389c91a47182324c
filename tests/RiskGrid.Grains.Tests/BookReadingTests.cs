using System.Collections.Concurrent;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grains.Tests;

/// <summary>A silo that gets many books at once.</summary>
public sealed class BookReadingTests
{
    [Fact]
    public async Task Books_are_read_two_at_a_time_on_one_thread_and_the_first_is_priced_while_the_others_wait()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using (await TestSilo.StartFirmAsync(ledger.Store))
        {
            // The books are in the ledger.
        }

        var held = new HeldLedger(ledger.Store);
        await using var silo = await TestSilo.StartAsync(held, new TestSiloOptions { Threads = 1 });
        var reports = SmallFirm.Books.Select(book => silo.Book(book).GetReport()).ToList();
        try
        {
            var market = (await silo.PublishAsync(SmallFirm.Quotes(), SmallFirm.Valuation)).Market;
            for (var read = 0; read < SmallFirm.Books.Count; read++)
            {
                await Patience.Eventually("the next book is read", () => held.Begun.Count == Math.Min(read + 2, SmallFirm.Books.Count));
                Assert.Equal(SmallFirm.Books.Count - read, reports.Count(r => !r.IsCompleted));
                var book = held.Begun.ElementAt(read).Value;
                held.Release(book);
                var report = await silo.Book(book).Settle(new SettleRequest { Market = market }, CancellationToken.None).Within("a book is priced while others wait to be read");
                Assert.Equal(40u, report.Rollup.Coverage.Priced);
            }
        }
        finally
        {
            held.ReleaseAll();
        }

        await Task.WhenAll(reports).Within("all books are read");
    }

    private sealed class HeldLedger(ILedger inner) : DelegatingLedger(inner)
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new(StringComparer.Ordinal);

        public ConcurrentQueue<NodeId> Begun { get; } = [];

        public override async Task<BookState> ReadBookAsync(NodeId book, AsOf? asOf, CancellationToken cancellationToken)
        {
            var held = Held(book.Value);
            Begun.Enqueue(book);
            await held.Task.WaitAsync(cancellationToken);
            return await base.ReadBookAsync(book, asOf, cancellationToken);
        }

        public void Release(string book) => Held(book).TrySetResult();

        public void ReleaseAll()
        {
            foreach (var book in SmallFirm.Books)
                Release(book);
        }

        private TaskCompletionSource Held(string book) =>
            _held.GetOrAdd(book, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}

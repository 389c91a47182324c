using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;

namespace RiskGrid.Acceptance.Face;

/// <summary>A server with one desk, two books, four trades and a market, shared by the tests of one class, which leave the trades as they are.</summary>
public sealed class SmallServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal ServerProcess Server { get; private set; } = null!;

    internal string Ledger => _folder.File("ledger.db");

    public async Task InitializeAsync()
    {
        Server = await ServerProcess.StartAsync(Ledger, "--history", SmallHistory.WriteTo(_folder));
        using var client = Server.Connect();
        await client.PutHierarchyAsync(
            [SmallMarket.Node("DESK", "desk", "FIRM"), SmallMarket.Node("BOOK-A", "book", "DESK"), SmallMarket.Node("BOOK-B", "book", "DESK")]);
        var results = await client.BookTradesAsync(
        [
            SmallMarket.Book("T-1", "BOOK-A", 10),
            SmallMarket.Book("T-2", "BOOK-A", -4, 7000),
            SmallMarket.Book("T-3", "BOOK-B", 7, 6800, Protocol.V1.OptionType.Put),
            SmallMarket.Book("T-4", "BOOK-B", 0.5),
        ], new BookingOptions { Author = "face" });
        Assert.All(results, r => Assert.Equal(Protocol.V1.TradeResult.Types.Outcome.Applied, r.Outcome));
        await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
        await client.GetRollupAsync("/", depth: -1, settled: true);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Runs a command against this server.</summary>
    internal Task<ProgramResult> RunAsync(params string[] arguments) => RiskGridProgram.RunAsync([.. arguments, "--address", Server.Address]);
}

using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Acceptance.Runs;

/// <summary>A server with eighteen years of history, one desk, two books with trades and one without, shared by the tests of one class, which
/// leave trades and market as they are.</summary>
public sealed class RunServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal ServerProcess Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await ServerProcess.StartAsync(_folder.File("ledger.db"));
        using var client = Server.Connect();
        await FillAsync(client);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Runs a command against this server.</summary>
    internal Task<ProgramResult> RunAsync(params string[] arguments) => RiskGridProgram.RunAsync([.. arguments, "--address", Server.Address]);

    /// <summary>Runs a command that must succeed, and reads its document.</summary>
    internal async Task<RunDocument> DocumentAsync(params string[] arguments) =>
        new((await RunAsync([.. arguments, "--json"])).MustEndWith(0).OneDocument());

    /// <summary>The market, the tree and the trades.</summary>
    internal static async Task FillAsync(RiskGridClient client)
    {
        await client.PutHierarchyAsync(
        [
            SmallMarket.Node("DESK", "desk", "FIRM"),
            SmallMarket.Node("BOOK-A", "book", "DESK"),
            SmallMarket.Node("BOOK-B", "book", "DESK"),
            SmallMarket.Node("EMPTY", "book", "FIRM"),
        ]);
        await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
        var results = await client.BookTradesAsync(
        [
            SmallMarket.Book("T-1", "BOOK-A", 10),
            SmallMarket.Book("T-2", "BOOK-A", -4, 7000),
            SmallMarket.Book("T-3", "BOOK-B", 7, 6800, OptionType.Put),
            SmallMarket.Book("T-4", "BOOK-B", 0.5),
        ]);
        Assert.All(results, r => Assert.Equal(TradeResult.Types.Outcome.Applied, r.Outcome));
        await client.GetRollupAsync("/", depth: -1, settled: true);
    }
}

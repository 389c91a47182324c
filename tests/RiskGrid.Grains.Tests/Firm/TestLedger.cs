using RiskGrid.Ledger.Sqlite;

namespace RiskGrid.Grains.Tests;

/// <summary>A real ledger in a folder of its own.</summary>
internal sealed class TestLedger : IAsyncDisposable
{
    private readonly string _folder;

    private TestLedger(string folder, SqliteLedger store)
    {
        _folder = folder;
        Store = store;
    }

    public SqliteLedger Store { get; }

    public static async Task<TestLedger> OpenAsync()
    {
        var folder = Directory.CreateTempSubdirectory("riskgrid-grains-").FullName;
        return new TestLedger(folder, await SqliteLedger.OpenAsync(Path.Combine(folder, "ledger.db"), TimeProvider.System, null, CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

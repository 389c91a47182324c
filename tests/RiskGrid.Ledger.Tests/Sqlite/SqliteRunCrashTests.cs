using System.Globalization;
using RiskGrid.Ledger.Sqlite;
using RiskGrid.Model;
using RiskGrid.Testing;

namespace RiskGrid.Ledger.Tests.Sqlite;

/// <summary>Runs in killed processes and on full disks: an item that was acknowledged is there, and a run has ended whole or not at all.</summary>
public sealed class SqliteRunCrashTests : IDisposable
{
    private const int Seed = 4712;
    private const int Kills = 8;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("riskgrid-ledger-run-crash-");

    private string File => Path.Combine(_folder.FullName, "ledger.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task After_every_kill_each_acknowledged_item_is_there_and_each_run_has_ended_whole_or_goes_on()
    {
        var random = new Random(Seed);
        var acknowledged = new HashSet<(int Run, int Leg, int Block)>();
        var (created, finished) = (-1, -1);
        for (var kill = 0; kill < Kills; kill++)
        {
            var when = $"kill {kill}, seed {Seed}";
            using var child = ChildProcess.Start(typeof(LedgerChild).Assembly, "runs", File, Math.Max(0, created).ToString(CultureInfo.InvariantCulture));
            for (var wanted = random.Next(5, 120); wanted > 0; wanted--)
            {
                var line = await child.ReadLineAsync();
                Assert.True(line is not null, $"{when}: the child ended by itself: {child.Errors()}");
                Note(line);
            }

            foreach (var line in await child.KillAsync())
                Note(line);
            await VerifyAsync(when);
        }

        Assert.True(finished > 0 && acknowledged.Count > LedgerChild.Legs * LedgerChild.Blocks, "the kills came before anything was done");

        void Note(string line)
        {
            int[] numbers = [.. line.Split(' ').Skip(1).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
            if (line.StartsWith("created", StringComparison.Ordinal))
                created = Math.Max(created, numbers[0]);
            else if (line.StartsWith("finished", StringComparison.Ordinal))
                finished = Math.Max(finished, numbers[0]);
            else if (line.StartsWith("item", StringComparison.Ordinal))
                acknowledged.Add((numbers[0], numbers[1], numbers[2]));
        }

        async Task VerifyAsync(string when)
        {
            await using var ledger = await SqliteLedger.OpenAsync(File, TimeProvider.System, null, CancellationToken.None);
            for (var number = 0; number <= created + 1; number++)
            {
                var run = await ledger.ReadRunAsync(LedgerChild.Run(number).Id, CancellationToken.None);
                Assert.True(run is not null || number > created, $"{when}: run {number} was acknowledged and is not there");
                Assert.True(run?.State == RunState.Done || number > finished, $"{when}: the end of run {number} was acknowledged and is not there");
                if (run is not null)
                    await VerifyRunAsync(ledger, run, number, when);
            }
        }

        async Task VerifyRunAsync(ILedger ledger, RunRecord run, int number, string when)
        {
            var items = await ledger.ReadRunItemsAsync(run.Id, CancellationToken.None);
            Assert.All(items, i => Assert.Equal(LedgerChild.Item(number, i.Leg, i.Block), i.Payload));
            for (var leg = 0; leg < LedgerChild.Legs; leg++)
            {
                var vector = await ledger.ReadRunVectorAsync(run.Id, leg, NodeId.Parse("FIRM"), CancellationToken.None);
                Assert.Equal(run.State == RunState.Done ? LedgerChild.Vector(number, leg).Content : null, vector?.Content);
            }

            if (run.State == RunState.Done)
            {
                Assert.Equal(LedgerChild.Item(number, 9, 9), run.Result);
                Assert.True(items.Count == 0, $"{when}: run {number} has ended and still holds {items.Count} items");
                return;
            }

            var stored = items.Select(i => (number, i.Leg, i.Block)).ToHashSet();
            var lost = acknowledged.Where(a => a.Run == number && !stored.Contains(a)).ToList();
            Assert.True(lost.Count == 0, $"{when}: acknowledged items are not there: {string.Join(", ", lost)}");
        }
    }

    [Fact]
    public async Task Items_on_a_full_disk_are_refused_and_go_on_without_reopening()
    {
        using var child = ChildProcess.Start(typeof(LedgerChild).Assembly, "starve-run", File);
        var (acknowledged, refused) = (0, 0);
        string? line;
        while ((line = await child.ReadLineAsync()) is not null && !line.StartsWith("done", StringComparison.Ordinal))
        {
            acknowledged += line.StartsWith("item", StringComparison.Ordinal) ? 1 : 0;
            refused += line.StartsWith("unavailable", StringComparison.Ordinal) && line.Contains(File, StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(line is not null, $"the child did not get over the full disk: {child.Errors()}");
        Assert.Equal((1000, 3), (acknowledged, refused));
        _ = await child.KillAsync();
        await using var ledger = await SqliteLedger.OpenAsync(File, TimeProvider.System, null, CancellationToken.None);
        var items = await ledger.ReadRunItemsAsync(LedgerChild.Run(0).Id, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 1000), items.Select(i => i.Block));
        Assert.All(items, i => Assert.Equal(LedgerChild.Item(0, 0, i.Block), i.Payload));
    }
}

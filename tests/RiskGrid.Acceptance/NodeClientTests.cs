using System.Diagnostics;
using System.Text.Json;
using RiskGrid.Acceptance.Processes;
using Xunit.Abstractions;

namespace RiskGrid.Acceptance;

/// <summary>A client of another make, written with @grpc/grpc-js.</summary>
public sealed class NodeClientTests(ITestOutputHelper output)
{
    private const int Trades = 250;
    private const int CannotRun = 127;

    // Includes the installation of the packages.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task It_books_trades_subscribes_and_gets_rollups_over_the_real_wire()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("ledger.db"), "--history", SmallHistory.WriteTo(folder));
        using var client = server.Connect();
        await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
        var events = await RunAsync(
            "--address", server.Grpc.Authority, "--desk", "FIRM", "--book", "NODE", "--path", "/NODE", "--trades", $"{Trades}", "--batch", "100",
            "--root", SmallMarket.Root, "--expiry-date", SmallMarket.ExpiryDate, "--first-strike", "6900", "--quantity", "3");

        Assert.Equal("SERVING", Event(events, "serving").GetProperty("status").GetString());
        var booked = Event(events, "booked");
        Assert.Equal((Trades, 0), (booked.GetProperty("applied").GetInt32(), booked.GetProperty("refused").GetInt32()));
        Assert.Contains(events, e => e.GetProperty("event").GetString() == "rollup");
        Event(events, "done");

        // What the Node client saw is what ours sees.
        var ours = (await client.GetRollupAsync("/NODE", settled: true))[0];
        Assert.Equal(((uint)Trades, (uint)Trades), (ours.Coverage.Trades, ours.Coverage.Priced));
        var theirs = Assert.Single(Event(events, "settled").GetProperty("rollups").EnumerateArray());
        Assert.Equal(ours.Measures.Mtm, theirs.GetProperty("measures").GetProperty("mtm").GetDouble());
        Assert.Equal(ours.Tail.Var991D, theirs.GetProperty("tail").GetProperty("var_99_1d").GetDouble());
        var price = Event(events, "price").GetProperty("price");
        Assert.Equal(ours.Measures.Mtm, Trades * price.GetProperty("measures").GetProperty("mtm").GetDouble(), Math.Abs(ours.Measures.Mtm) * 1e-12);
        Assert.Equal("booked", Assert.Single(price.GetProperty("history").EnumerateArray()).GetProperty("event").GetString());
    }

    private static JsonElement Event(List<JsonElement> events, string name) => events.Single(e => e.GetProperty("event").GetString() == name);

    private async Task<List<JsonElement>> RunAsync(params string[] arguments)
    {
        var runner = Path.Combine(RepositoryFiles.Root, "tests", "grpc-js", "run.sh");
        var start = new ProcessStartInfo("bash", [runner, "client.js", .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start");
        var (lines, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"client.js did not end within {Limit}; it printed: {await lines} {await errors}");
        }

        Assert.True(process.ExitCode != CannotRun, $"the Node client cannot run: {await errors}");
        Assert.True(process.ExitCode == 0, $"client.js ended with {process.ExitCode}: {await lines} {await errors}");
        var events = (await lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        output.WriteLine(string.Join(' ', events.Select(e => e.GetProperty("event").GetString())));
        return events;
    }
}

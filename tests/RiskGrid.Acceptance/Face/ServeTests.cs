using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Acceptance.Face;

/// <summary>How a server starts, refuses to start and ends.</summary>
public sealed class ServeTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.1")]
    [InlineData("::")]
    [InlineData("not-an-address")]
    public async Task Anything_but_loopback_is_refused_with_the_reason(string address)
    {
        using var folder = new TemporaryFolder();
        var run = await RefusedAsync(folder, folder.File("ledger.db"), "--listen", address, "--grpc-port", "0", "--http-port", "0");
        run.MustEndWith(2);
        CommandTests.AssertOneLineThatNames(run, address);
        Assert.Contains("127.0.0.1", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--grpc-port", "70000")]
    [InlineData("--http-port", "-1")]
    [InlineData("--threads", "0")]
    [InlineData("--log-level", "loud")]
    public async Task An_option_out_of_range_is_bad_usage_that_names_it(string option, string value)
    {
        using var folder = new TemporaryFolder();
        var run = (await RefusedAsync(folder, folder.File("ledger.db"), option, value)).MustEndWith(2);
        CommandTests.AssertOneLineThatNames(run, value);
    }

    [Fact]
    public async Task A_ledger_that_another_server_holds_is_refused_and_the_other_goes_on()
    {
        using var folder = new TemporaryFolder();
        var ledger = folder.File("ledger.db");
        await using var first = await ServerProcess.StartAsync(ledger, "--history", SmallHistory.WriteTo(folder));
        var second = (await RefusedAsync(folder, ledger, "--grpc-port", "0", "--http-port", "0")).MustEndWith(1);
        CommandTests.AssertOneLineThatNames(second, ledger);
        Assert.Contains("held by another process", second.Errors, StringComparison.Ordinal);
        using var client = first.Connect();
        Assert.True(await client.IsServingAsync());
    }

    [Fact]
    public async Task A_file_that_is_no_ledger_is_refused_and_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("notes.txt", "these are my notes, and I would like to keep them; they are longer than one page of a database would need for its header\n");
        var before = await File.ReadAllTextAsync(file);
        var run = (await RefusedAsync(folder, file, "--grpc-port", "0", "--http-port", "0")).MustEndWith(1);
        CommandTests.AssertOneLineThatNames(run, file);
        Assert.Equal(before, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_history_that_is_not_there_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var run = (await RiskGridProgram.RunAsync("serve", "--ledger", folder.File("ledger.db"), "--history", folder.File("no-panel.csv"))).MustEndWith(1);
        CommandTests.AssertOneLineThatNames(run, "no-panel.csv");
    }

    [Fact]
    public async Task SIGTERM_ends_it_with_status_0_while_subscribers_listen_and_everything_acknowledged_is_there_again()
    {
        using var folder = new TemporaryFolder();
        var (ledger, history) = (folder.File("ledger.db"), SmallHistory.WriteTo(folder));
        await using (var server = await ServerProcess.StartAsync(ledger, "--history", history))
        {
            using var client = server.Connect();
            await client.PutHierarchyAsync([SmallMarket.Node("BOOK", "book", "FIRM")]);
            await client.BookTradesAsync([SmallMarket.Book("T-1", "BOOK", 1)]);
            await using var updates = client.SubscribeRollupsAsync("/", depth: -1).GetAsyncEnumerator();
            Assert.True(await updates.MoveNextAsync());
            Assert.Equal(0, await server.TerminateAsync());
        }

        await using var again = await ServerProcess.StartAsync(ledger, "--history", history);
        using var other = again.Connect();
        Assert.Equal(1U, (await other.GetRollupAsync("/BOOK", settled: true))[0].Coverage.Trades);
    }

    private static Task<ProgramResult> RefusedAsync(TemporaryFolder folder, string ledger, params string[] options) =>
        RiskGridProgram.RunAsync(["serve", "--ledger", ledger, "--history", SmallHistory.WriteTo(folder), "--json", .. options]);
}

using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Cluster.Tests.Rows;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Tests;

/// <content>What clients do, and what becomes of them.</content>
public sealed partial class WhatHappensWhenTests
{
    // More than a gateway takes at a time, of all clients together.
    private const int FloodCalls = 800;

    [Fact]
    public async Task A_gateway_is_killed_its_subscribers_go_on_at_another_and_see_the_newest_state_of_every_node_and_run()
    {
        using var client = Cluster.Connect();
        var spec = await Firm.RunAsync(client, LongPaths);
        await using var subscriber = await Subscriber.StartAsync(Cluster, client);
        await client.StartRunAsync(spec, "gateway.run");
        var seen = 0;
        var following = Task.Run(async () =>
        {
            Run? last = null;
            await foreach (var run in client.SubscribeRunAsync("gateway.run"))
            {
                last = run;
                Interlocked.Increment(ref seen);
            }

            return last!;
        });
        await Cluster.WaitUntilAsync(() => Task.FromResult(Volatile.Read(ref seen) > 0), TimeSpan.FromSeconds(30), "the run is followed");
        var victim = Cluster.Gateways.Single(g => g.Grpc == client.Channel.Address);
        var watch = Stopwatch.StartNew();
        await victim.KillAsync();
        await subscriber.ResumedAsync(TimeSpan.FromSeconds(30));
        output.WriteLine($"every node came again {watch.Elapsed.TotalMilliseconds:N0} ms after {victim.Name} was killed; {subscriber.Breaks} breaks");
        var point = await Firm.MoveAsync(client, 6941);
        await subscriber.UntilAsync(r => r.IsAt(point), TimeSpan.FromSeconds(30), "every node moves with the market");
        await subscriber.HoldsAsync(await Firm.SettledAsync(client), TimeSpan.FromSeconds(30));
        var run = await following.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(run.State == RunState.Finished && run.Result is not null, $"{run.State} {run.Error}");
        Assert.Equal((await client.GetRunAsync("gateway.run")).ResultHash, run.ResultHash);
    }

    [Fact]
    public async Task A_feed_stops_quotes_age_coverage_shows_stale_counts_and_ages_and_numbers_go_on()
    {
        using var client = Cluster.Connect();
        await using var subscriber = await Subscriber.StartAsync(Cluster, client);
        var valuation = (await client.GetMarketAsync(new GetMarketRequest { WithoutQuotes = true })).Point.Valuation;
        await RenewAsync(client, valuation);
        var before = await Firm.SettledAsync(client);
        Assert.All(before.Values, r => Assert.Equal(0U, r.Coverage.Stale));

        var later = Timestamp.FromDateTime(valuation.ToDateTime().AddDays(2));
        var point = await Firm.PublishAsync(client, new QuoteBatch { Valuation = later });
        var settled = await Firm.SettledAsync(client);
        foreach (var (node, rollup) in settled)
        {
            var coverage = rollup.Coverage;
            Assert.Equal((coverage.Trades, coverage.Trades, 0U), (coverage.Stale, coverage.Priced, coverage.Failed));
            Assert.Equal(coverage.Stale, (uint)coverage.StaleGroups.Sum(g => g.Trades));
            Assert.All(coverage.StaleGroups, g => Assert.Equal((2.0, valuation), (g.AgeDays, g.AsOf)));
            Assert.NotEqual(before[node].Measures.Mtm, rollup.Measures.Mtm);
            Assert.True(double.IsFinite(rollup.Measures.Mtm) && rollup.Tail is not null, $"{rollup}");
        }

        await subscriber.UntilAsync(r => r.IsAt(point) && r.Coverage.Stale == r.Coverage.Trades, TimeSpan.FromSeconds(30), "subscribers see all trades stale");
        await RenewAsync(client, later);
        await subscriber.UntilAsync(r => r.Coverage.Stale == 0, TimeSpan.FromSeconds(30), "the feed is back and nothing is stale");
    }

    [Fact]
    public async Task A_bad_trade_file_good_rows_load_and_each_bad_row_is_quarantined_with_line_field_and_reason()
    {
        const string Header = "trade_id,book,type,root,underlying,zero_curve,option_type,strike,expiry_date,expiry_time,currency,multiplier,quantity,counterparty";
        static string Row(string id, string book = "FILE-A", string strike = "6900", string quantity = "10") =>
            $"{id},{book},european_option,SPXW,IDX.SP500,USD,call,{strike},2026-02-20,16:00,USD,100,{quantity},ACME";
        using var client = Cluster.Connect();
        await client.PutHierarchyAsync([SmallMarket.Node("FILES", "desk", "FIRM"), SmallMarket.Node("FILE-A", "book", "FILES"), SmallMarket.Node("FILE-B", "book", "FILES")]);
        using var folder = new TemporaryFolder();
        var file = folder.Write("trades.csv", string.Join('\n',
            Header, Row("F-1"), Row("F-2", strike: "NaN"), Row("F-3", book: "FILE-B"), Row("F-4", book: "NOWHERE"), "F-5,FILE-A", Row("F-6", quantity: "1e999"), Row("F-7"), ""));
        var load = await RiskGridProgram.RunAsync("load", file, "--address", Cluster.Gateways[^1].Grpc.ToString(), "--json");
        var report = load.MustEndWith(1).OneDocument();
        output.WriteLine(load.Output);
        Assert.Equal((3, 4), (report.GetProperty("loaded").GetInt32(), report.GetProperty("quarantined").GetInt32()));
        Assert.Equal(
            [(3, "strike"), (5, "book"), (6, "line"), (7, "quantity")],
            report.GetProperty("rows").EnumerateArray().Select(r => (r.GetProperty("line").GetInt32(), r.GetProperty("field").GetString()!)));
        Assert.All(report.GetProperty("rows").EnumerateArray(), r => Assert.False(string.IsNullOrWhiteSpace(r.GetProperty("reason").GetString())));
        Assert.Equal(5, (await File.ReadAllLinesAsync(file + ".quarantine.csv")).Length);

        var summary = (await RiskGridProgram.RunAsync("load", file, "--address", Cluster.Gateways[0].Grpc.ToString())).MustEndWith(1);
        Assert.Contains("3 trades on their books, 4 lines quarantined", summary.Output + summary.Errors, StringComparison.Ordinal);
        var books = await client.GetRollupAsync("/FILES", depth: -1, settled: true);
        Assert.Equal([3U, 2U, 1U], books.Select(b => b.Coverage.Trades));
        Assert.Equal([3L, 2L, 1L], books.Select(b => b.LedgerSequence));
    }

    [Fact]
    public async Task A_client_floods_and_gets_RESOURCE_EXHAUSTED_and_other_clients_keep_their_latency()
    {
        var gateway = Cluster.Gateways[0];
        using var other = Cluster.Connect(gateway);
        var quiet = await LatencyAsync(other, 100);
        using var flooder = Cluster.Connect(gateway);
        var flood = new OneTry(flooder);
        using var end = new CancellationTokenSource();
        var (answered, refused, failed) = (0, 0, (CallOutcome?)null);
        var flooding = Enumerable.Range(0, FloodCalls).Select(n => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                var outcome = await flood.PriceAsync(Firm.Trade(1 + (n % 8), 1 + (n % Firm.TradesInBook)));
                if (outcome.Failure is null)
                    Interlocked.Increment(ref answered);
                else if (outcome.Failure is { Status: RpcStatus.ResourceExhausted, RetryAfter: { } pause })
                {
                    // Turned away at once: without the pause asked for, the flood would measure this process.
                    Interlocked.Increment(ref refused);
                    await Task.Delay(pause, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                else if (outcome.Failure.Status is not (RpcStatus.ResourceExhausted or RpcStatus.Unavailable))
                {
                    // Without a pause: a stream or connection that HTTP/2's own limits, or a machine without a free processor, ended.
                    Volatile.Write(ref failed, outcome);
                }
            }
        })).ToList();
        await Cluster.WaitUntilAsync(() => Task.FromResult(Volatile.Read(ref refused) > 100), TimeSpan.FromSeconds(30), () => $"the flood is refused: {answered} answered, {refused} refused, {failed}");
        var processors = new Processors();
        var loud = await LatencyAsync(other, 25);
        await end.CancelAsync();
        await Task.WhenAll(flooding);
        var after = await LatencyAsync(other, 25);
        output.WriteLine($"flood: {answered} answered, {refused} refused; the other client, median and 95 %: quiet {quiet}, in the flood {loud}, after it {after}; {processors}");
        Assert.True(failed is null, $"{failed}");
        Assert.True(loud.Median < processors.Allow(TimeSpan.FromMilliseconds(500)), $"quiet {quiet}, in the flood {loud}, after it {after}; {processors}");
    }

    private static async Task<Latency> LatencyAsync(RiskGridClient client, int calls)
    {
        var one = new OneTry(client);
        var took = new List<TimeSpan>();
        for (var n = 0; n < calls; n++)
        {
            var outcome = await one.PriceAsync(Firm.Trade(1 + (n % 8), 1 + (n % Firm.TradesInBook)));
            Assert.True(outcome.Failure is null, $"another client's call {n}: {outcome}");
            took.Add(outcome.Took);
        }

        took.Sort();
        return new Latency(took[took.Count / 2], took[took.Count * 95 / 100]);
    }

    private static Task<MarketPoint> RenewAsync(RiskGridClient client, Timestamp asOf)
    {
        var batch = SmallMarket.Quotes();
        batch.Valuation = asOf;
        foreach (var quote in batch.Quotes)
            quote.AsOf = asOf;
        return Firm.PublishAsync(client, batch);
    }

    private sealed record Latency(TimeSpan Median, TimeSpan P95)
    {
        public override string ToString() => $"{Median.TotalMilliseconds:N1} and {P95.TotalMilliseconds:N1} ms";
    }
}

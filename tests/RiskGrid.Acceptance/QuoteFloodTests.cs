using RiskGrid.Acceptance.Processes;
using RiskGrid.Protocol.V1;
using Xunit.Abstractions;

namespace RiskGrid.Acceptance;

/// <summary>What ten thousand quotes a second must leave intact.</summary>
public sealed class QuoteFloodTests(QuoteFlood flood, ITestOutputHelper output) : IClassFixture<QuoteFlood>
{
    private const double LeastRate = 9_900;
    private const long MostGrowth = 150L << 20;
    private const long MostTrend = 40L << 20;
    private const int QuotesOneByOne = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public void The_sample_is_loaded_by_the_command()
    {
        var loaded = flood.Load.OneDocument();
        Assert.Equal(19_987, loaded.GetProperty("loaded").GetInt32());
        Assert.Equal(0, loaded.GetProperty("quarantined").GetInt32());
    }

    [Fact]
    public async Task Every_quote_is_accepted_at_the_rate_promised()
    {
        var rate = RateOf(flood.Replay, QuoteFlood.Seed, flood.Machine.Text);
        if (rate >= LeastRate || flood.Machine.Saturated)
            return;

        // A machine that stands still in the last tenth of a second spoils one replay, and not the next one too.
        var processors = new Processors();
        var again = RateOf(await QuoteFlood.ReplayAsync(flood.Fresh, QuoteFlood.Seed + 1), QuoteFlood.Seed + 1, processors.ToString());
        Assert.True(
            again >= LeastRate || processors.AreSaturated,
            $"{rate:N0}, then {again:N0} quotes a second were taken; {LeastRate:N0} are promised; {flood.Machine.Text}, then {processors}");
    }

    [Fact]
    public void Subscribers_get_conflated_rollups_the_newest_last()
    {
        output.WriteLine($"quick subscriber: {flood.UpdatesDuring.Quick:N0} updates of {flood.Quick.Nodes} nodes; slow one: {flood.UpdatesDuring.Slow:N0}, then {flood.Slow.Count:N0}");
        Assert.Empty(flood.Quick.Faults);
        Assert.Empty(flood.Slow.Faults);

        // Ten a second and node is the server's default; quotes came a thousand times as often.
        var most = (int)(flood.Replay.OneDocument().GetProperty("seconds").GetDouble() * 10);
        Assert.All(flood.Quick.Counts, node => Assert.True(node.Value <= 2 * most, $"{node.Key} was sent {node.Value} times"));
        Assert.True(flood.UpdatesDuring.Quick > flood.Quick.Nodes, "the subscriber saw the market move");
        Assert.True(flood.Quick.Count < QuoteFlood.Quotes / 4, "updates are conflated");
        Assert.True(flood.Slow.Count < flood.Quick.Count, "a reader that stalls skips versions");
        Assert.True(flood.Quick.Holds(flood.Settled) && flood.Slow.Holds(flood.Settled), "the newest rollup comes last, to the slow reader too");
    }

    [Fact]
    public void Memory_stays_flat()
    {
        var samples = flood.Memory.Where(m => m.Seconds >= 1).ToList();
        output.WriteLine(string.Join(' ', samples.Select(m => $"{m.Bytes >> 20}")) + " MiB");
        Assert.True(samples.Count >= 8, "memory was measured");
        var (start, end) = (samples[0].Bytes, samples[^1].Bytes);
        Assert.True(end - start < MostGrowth, $"the server grew from {start >> 20} to {end >> 20} MiB");
        var third = samples.Skip(samples.Count / 2).Take(samples.Count / 4).Average(m => m.Bytes);
        var fourth = samples.Skip(samples.Count * 3 / 4).Average(m => m.Bytes);
        Assert.True(fourth - third < MostTrend, $"the server still grows: {third / (1 << 20):N0} MiB in its third quarter, {fourth / (1 << 20):N0} in its last");
    }

    [Fact]
    public void At_quiescence_every_rollup_equals_one_computed_from_scratch_on_the_final_quotes_to_the_bit()
    {
        AssertSameAsSettled(flood.FromScratch);
    }

    [Fact]
    public void A_server_that_was_stopped_in_order_has_its_market_again_and_the_same_rollups_to_the_bit() => AssertSameAsSettled(flood.Restarted);

    [Fact]
    public async Task Every_quote_of_a_replay_changes_a_book_that_depends_on_it()
    {
        using var client = flood.Fresh.Connect();
        var (books, market) = (await BooksAsync(client), await client.GetMarketAsync());
        for (var seed = 1; seed <= QuotesOneByOne; seed++)
        {
            var one = await RiskGridProgram.RunAsync(
                "quotes", "replay", "--rate", "100", "--seconds", "0.01", "--seed", $"{seed}", "--address", flood.Fresh.Address, "--json");
            Assert.Equal(1, one.MustEndWith(0).OneDocument().GetProperty("accepted").GetInt32());
            var (booksAfter, marketAfter) = (await BooksAsync(client), await client.GetMarketAsync());
            var quote = Assert.Single(marketAfter.Quotes.Except(market.Quotes));
            var changed = booksAfter.Count(after => !after.Value.Measures.Equals(books[after.Key].Measures));
            output.WriteLine($"seed {seed}: {quote.Factor} = {quote.Value:R} changes {changed} books");
            Assert.True(changed > 0, $"{quote.Factor} = {quote.Value:R} changed no book");
            (books, market) = (booksAfter, marketAfter);
        }
    }

    private double RateOf(ProgramResult replayed, int seed, string machine)
    {
        var replay = replayed.MustEndWith(0).OneDocument();
        var seconds = replay.GetProperty("seconds").GetDouble();
        var rate = QuoteFlood.Quotes / seconds;
        output.WriteLine($"seed {seed}: {replay.GetProperty("accepted")} quotes in {seconds:N2} s, {rate:N0} a second; {machine}");
        Assert.Equal(QuoteFlood.Quotes, replay.GetProperty("accepted").GetInt32());
        Assert.Equal(0, replay.GetProperty("refused").GetInt32());
        return rate;
    }

    private void AssertSameAsSettled(IReadOnlyList<Rollup> others)
    {
        Assert.Equal(77, flood.Settled.Count);
        Assert.Equal(flood.Settled.Select(r => r.Path), others.Select(r => r.Path));
        foreach (var (settled, other) in flood.Settled.Zip(others))
        {
            Assert.True(settled.Tail is not null, $"{settled.Path} is settled, its VaR too");
            Assert.True(settled.Result().Equals(other.Result()), $"{settled.Path} after the flood: {settled.Result()}, computed anew: {other.Result()}");
        }
    }

    private static async Task<Dictionary<string, Rollup>> BooksAsync(Client.RiskGridClient client) =>
        (await client.GetRollupAsync("/", depth: -1, settled: true, Patience)).Where(r => r.Kind == "book").ToDictionary(r => r.Path, StringComparer.Ordinal);
}

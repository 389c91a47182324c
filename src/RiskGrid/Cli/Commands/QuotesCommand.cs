using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using RiskGrid.Cli.Output;
using RiskGrid.Client;
using RiskGrid.Demo;
using RiskGrid.Model;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid quotes replay</c></summary>
internal static class QuotesCommand
{
    public static Command Create()
    {
        var rate = new Option<int>("--rate") { Description = "Quotes a second.", DefaultValueFactory = _ => 1000 };
        var seconds = new Option<double>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 10 };
        var seed = new Option<ulong>("--seed") { Description = "The same seed gives the same quotes.", DefaultValueFactory = _ => 1 };
        var (address, data, json) = (CommonOptions.Address(), CommonOptions.Data(), CommonOptions.Json());
        var replay = new Command("replay", "Moves the server's market by a seeded stream of quotes: index spot (forwards follow), stock prices, volatilities.")
        {
            rate, seconds, seed, address, data, json,
        };
        replay.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var plan = new ReplayPlan(parsed.GetValue(rate), parsed.GetValue(seconds), parsed.GetValue(seed));
                using var client = new RiskGridClient(parsed.GetRequiredValue(address));
                var (response, elapsed) = await ReplayAsync(client, plan, parsed.GetRequiredValue(data), TimeProvider.System, token);
                if (parsed.GetValue(json))
                {
                    Terminal.WriteJson(new JsonObject
                    {
                        ["accepted"] = response.Accepted,
                        ["refused"] = response.Refused,
                        ["seconds"] = elapsed.TotalSeconds,
                        ["market"] = RollupJson.Point(response.Market),
                    });
                }
                else
                {
                    Terminal.WriteLine($"{response.Accepted:N0} quotes accepted in {elapsed.TotalSeconds:N1} s ({response.Accepted / elapsed.TotalSeconds:N0} a second), {response.Refused:N0} refused.");
                    Terminal.WriteLine($"The market stands at sequence {response.Market.Sequence:N0}.");
                }

                return response.Refused == 0 ? CommandLine.Done : CommandLine.Failed;
            },
            cancel));
        return new Command("quotes", "Sends quotes to a server.") { replay };
    }

    /// <summary>Runs a replay against a server that holds the sample market, in steps of a hundredth of a second.</summary>
    public static async Task<(PublishQuotesResponse Response, TimeSpan Elapsed)> ReplayAsync(
        RiskGridClient client, ReplayPlan plan, string data, TimeProvider time, CancellationToken cancellationToken)
    {
        var market = await client.GetMarketAsync(null, cancellationToken);
        if (market.Point.Valuation is null)
            throw new InvalidDataException("the server has no market yet; load one first: riskgrid load --sample");
        var valuation = market.Point.Valuation.ToInstant();
        var quotes = market.Quotes.Where(q => q.Status == QuoteStatus.Ok).ToDictionary(q => FactorName.Parse(q.Factor), q => q.Value);

        // A quote of a contract that nobody holds would change no book, and a mark on the surface is not a quote.
        var notHeld = SampleFiles.ReadChain(SampleData.Chain(data)).Quotes.Where(q => q.OpenInterest is not > 0).Select(q => q.Option.VolatilityFactor).ToHashSet();
        var generator = new QuoteReplay(MovableFactors.Of(quotes, valuation, f => !notHeld.Contains(f)), valuation, plan.Seed);
        var start = time.GetTimestamp();
        var response = await client.PublishQuotesAsync(Batches(generator, plan, time, cancellationToken), cancellationToken);
        return (response, time.GetElapsedTime(start));
    }

    private static async IAsyncEnumerable<QuoteBatch> Batches(
        QuoteReplay generator, ReplayPlan plan, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var total = (long)Math.Ceiling(plan.Rate * plan.Seconds);
        var start = time.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10), time);
        long sent = 0;
        while (sent < total)
        {
            await tick.WaitForNextTickAsync(cancellationToken);
            var due = Math.Min(total, (long)(time.GetElapsedTime(start).TotalSeconds * plan.Rate));
            if (due == sent)
                continue;
            var batch = new QuoteBatch();
            for (; sent < due; sent++)
            {
                var (factor, quote) = generator.Next();
                batch.Quotes.Add(new Protocol.V1.Quote { Factor = factor.Value, Value = quote.Value, AsOf = quote.AsOf.ToTimestamp(), Status = quote.Status });
            }

            yield return batch;
        }
    }
}

/// <summary>What to replay.</summary>
internal sealed record ReplayPlan
{
    public ReplayPlan(int rate, double seconds, ulong seed)
    {
        if (rate is < 1 or > 1_000_000)
            throw new UsageException($"--rate must be between 1 and 1,000,000 quotes a second, not {rate}");
        if (!(seconds > 0 && seconds <= 86_400))
            throw new UsageException($"--seconds must be above 0 and at most 86,400, not {seconds}");
        (Rate, Seconds, Seed) = (rate, seconds, seed);
    }

    public int Rate { get; }

    public double Seconds { get; }

    public ulong Seed { get; }
}

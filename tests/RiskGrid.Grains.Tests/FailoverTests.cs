using RiskGrid.Grains.Market;
using RiskGrid.Protocol.Mapping;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>A silo dies, another owns what it owned: numbers are complete again with nobody calling, and the market does not go back.</summary>
public sealed class FailoverTests
{
    [Fact]
    public async Task After_a_failover_without_traffic_the_rollups_are_complete_again_within_three_seconds()
    {
        var limit = TimeSpan.FromSeconds(3);
        if (await FailOverAsync() <= limit)
            return;

        // What else this machine does may have held one of them up.
        for (var again = 0; again < 2; again++)
            Assert.InRange(await FailOverAsync(), TimeSpan.Zero, limit);
    }

    [Fact]
    public async Task A_desk_that_comes_to_life_pings_its_children_at_once_and_names_those_that_are_late()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (time, engine) = (new Grid.Tests.ManualTime(), new ControlledEngine());
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, Time = time });
        await silo.SettleAsync();
        engine.Loses = call => call.Method.Name == nameof(INodeGrain.Ping) && call.Key == SmallFirm.Near;
        engine.LoseOwnership("desk", "D-INDEX");

        // The clock stands still: what comes, comes with the activation.
        await Patience.Eventually("the desk has one child and names the other", async () =>
            (await silo.Grains.Get<IDeskGrain>("D-INDEX").GetReport()).Rollup is { Coverage: { Trades: 40, Priced: 40 } coverage }
                && coverage.LateChildren.SequenceEqual(["/INDEX/NEAR"]));
        await Patience.Eventually("so does the firm", async () =>
            (await silo.Grains.Get<IDeskGrain>("FIRM").GetReport()).Rollup.Coverage is { Trades: 160 } coverage
                && coverage.LateChildren.SequenceEqual(["/INDEX/NEAR"]));
    }

    [Fact]
    public async Task A_market_goes_on_from_the_silo_that_heard_most()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        var engines = new[] { cluster.Join(), cluster.Join(), cluster.Join() };
        var one = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engines[0] });
        await using var two = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = engines[1] });
        await using var three = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = engines[2] });

        // The last quotes reach the third silo only; the second owns the market next.
        cluster.LosesTopic = (topic, member) => topic == MarketGrain.Topic && member == engines[1];
        cluster.Holds = call => call.Method.Name == nameof(IMarketGrain.GetPoint) && call.Sender.Length == 0 ? new TaskCompletionSource().Task : Task.CompletedTask;
        await one.PublishAsync([SmallFirm.Quote("IDX.SP500", 7777), SmallFirm.Quote("EQ.SAP", 180)], SmallFirm.Valuation + NodaTime.Duration.FromHours(1));
        Assert.NotEqual(7777, Value(two, "IDX.SP500"));
        cluster.LosesTopic = (_, _) => false;
        cluster.Kill(engines[0]);

        // A quote of the new epoch counts more than what is offered.
        await two.PublishAsync(SmallFirm.Quote("EQ.SAP", 190));
        await Patience.Eventually("the new market has what only the third silo had heard", async () =>
            (await two.MarketAsync()).Quotes.Single(q => q.Factor == "IDX.SP500").Value == 7777);
        var market = await two.MarketAsync();
        Assert.Equal(190, market.Quotes.Single(q => q.Factor == "EQ.SAP").Value);
        Assert.Equal((SmallFirm.Valuation + NodaTime.Duration.FromHours(1)).ToTimestamp(), market.Point.Valuation);
        await Patience.Eventually("every board has it", () => new[] { two, three }.All(s => s.Services.Board.Point.Equals(market.Point)));
        Assert.All([two, three], s => Assert.Equal((7777.0, 190.0), (Value(s, "IDX.SP500"), Value(s, "EQ.SAP"))));
        await one.DisposeAsync();
    }

    [Fact]
    public async Task A_late_or_repeated_offer_changes_nothing()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var before = await silo.MarketAsync();
        var offer = new Wire.GetMarketResponse { Point = new Wire.MarketPoint { Market = "main", Epoch = before.Point.Epoch - 1, Sequence = 5 } };
        offer.Quotes.Add(SmallFirm.Quote("IDX.NEW", 1));
        await silo.Market.Offer(offer);
        var after = await silo.MarketAsync();
        Assert.Equal(before.Quotes.Count + 1, after.Quotes.Count);
        offer = offer.Clone();
        offer.Quotes[0].Value = 2;
        await silo.Market.Offer(offer);
        offer.Point.Epoch = after.Point.Epoch;
        await silo.Market.Offer(offer);
        Assert.Equal(after, await silo.MarketAsync());
    }

    private static async Task<TimeSpan> FailOverAsync()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        var engines = new[] { cluster.Join(), cluster.Join() };
        var one = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engines[0] });
        await using var two = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = engines[1] });
        var before = (await one.SettleAsync()).Firm.Rollup;
        var bits = Bits.Of(before.Measures);

        // It comes by topic, after who settled was answered.
        await Patience.Eventually("the other silo has heard of it", () =>
            two.Services.Views.Rollups.Latest("FIRM") is { Measures: not null } firm && Bits.Of(firm.Measures) == bits);
        cluster.Kill(engines[0]);
        var killed = TimeProvider.System.GetTimestamp();
        await Patience.Eventually("the firm is complete again", () =>
            two.Services.Views.Rollups.Latest("FIRM") is { } firm && firm.Version > before.Version && firm.AsOf.Epoch > before.AsOf.Epoch
                && firm.Coverage.Priced == 200 && firm.Coverage.LateChildren.Count == 0 && firm.Tail?.TradesMissing == 0
                && Bits.Of(firm.Measures) == bits);
        var took = TimeProvider.System.GetElapsedTime(killed);
        await one.DisposeAsync();
        return took;
    }

    private static double Value(TestSilo silo, string factor) =>
        silo.Services.Board.Copy().Quotes.Single(q => q.Key.Value == factor).Value.Value;
}

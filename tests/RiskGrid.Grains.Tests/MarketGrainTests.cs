using NodaTime;
using RiskGrid.Grid;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Mapping;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

public sealed class MarketGrainTests
{
    [Fact]
    public async Task Every_accepted_quote_has_its_own_place_in_epoch_and_sequence()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var points = new List<Wire.MarketPoint>();
        for (var life = 0; life < 2; life++)
        {
            await using var silo = await TestSilo.StartAsync(ledger.Store);
            var valuation = SmallFirm.Valuation + Duration.FromHours(life);
            points.Add((await silo.PublishAsync([SmallFirm.Quote("EQ.AAPL", 1)], valuation)).Market);
            points.Add((await silo.PublishAsync(SmallFirm.Quote("EQ.AAPL", 2), SmallFirm.Quote("EQ.SAP", 3), SmallFirm.Quote("EQ.AAPL", 4))).Market);
            points.Add((await silo.PublishAsync([], valuation + Duration.FromSeconds(1))).Market);
            Assert.Equal(points[^1], (await silo.PublishAsync([])).Market);
        }

        Assert.Equal([1L, 4, 5, 1, 4, 5], points.Select(p => p.Sequence));
        Assert.Equal(points, points.OrderBy(p => p.Epoch).ThenBy(p => p.Sequence));
        Assert.True(points[0].Epoch < points[3].Epoch, "a restart takes a new epoch");
    }

    [Fact]
    public async Task Refused_quotes_are_named_and_the_rest_of_the_batch_is_taken()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store);
        var noTime = SmallFirm.Quote("EQ.H", 1);
        noTime.AsOf = null;
        var late = SmallFirm.Quote("EQ.I", 1);
        late.AsOf = new() { Seconds = long.MaxValue };
        var skewed = SmallFirm.Quote("EQ.J", 1);
        skewed.AsOf = new() { Seconds = 1, Nanos = -1 };
        var response = await silo.PublishAsync(
            SmallFirm.Quote("EQ.A", 1),
            SmallFirm.Quote("EQ.B", double.NaN),
            SmallFirm.Quote("EQ.C", double.PositiveInfinity),
            SmallFirm.Quote("EQ.D", -1),
            SmallFirm.Quote("VOL.X", 0),
            SmallFirm.Quote("no such class", 1),
            SmallFirm.Quote("EQ.G", 1, status: "guessed"),
            noTime,
            late,
            skewed,
            SmallFirm.Quote("EQ.Z", 2));
        Assert.Equal((2ul, 9ul, 2L), (response.Accepted, response.Refused, response.Market.Sequence));
        Assert.Equal(
            ["EQ.B", "EQ.C", "EQ.D", "VOL.X", "no such class", "EQ.G", "EQ.H", "EQ.I", "EQ.J"], response.Refusals.Select(r => r.Factor));
        Assert.All(response.Refusals, r => Assert.NotEmpty(r.Reason));
        Assert.Equal([("EQ.A", 1.0), ("EQ.Z", 2.0)], (await silo.MarketAsync()).Quotes.Select(q => (q.Factor, q.Value)));
    }

    [Fact]
    public async Task Twenty_refusals_are_named_and_all_are_counted()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store);
        var response = await silo.PublishAsync(Enumerable.Range(0, 50).Select(i => SmallFirm.Quote($"EQ.X{i}", -1)));
        Assert.Equal((50ul, 20, 0L), (response.Refused, response.Refusals.Count, response.Market.Sequence));
    }

    [Fact]
    public async Task The_valuation_never_moves_backwards_and_the_quotes_beside_it_are_taken()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store);
        await silo.PublishAsync([SmallFirm.Quote("EQ.A", 1)], SmallFirm.Valuation);
        var response = await silo.PublishAsync([SmallFirm.Quote("EQ.A", 2)], SmallFirm.Valuation - Duration.FromSeconds(1));
        Assert.Equal((1ul, 1ul), (response.Accepted, response.Refused));
        Assert.Contains("backwards", Assert.Single(response.Refusals).Reason, StringComparison.Ordinal);
        Assert.Equal(SmallFirm.Valuation.ToTimestamp(), response.Market.Valuation);
        var impossible = new Wire.QuoteBatch { Valuation = new() { Seconds = long.MaxValue }, Quotes = { SmallFirm.Quote("EQ.A", 3) } };
        response = await silo.Market.Publish(impossible);
        Assert.Equal((1ul, 1ul, SmallFirm.Valuation.ToTimestamp()), (response.Accepted, response.Refused, response.Market.Valuation));
    }

    [Fact]
    public async Task A_pinned_market_is_on_the_ledger_under_its_hash()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store);
        await silo.PublishAsync(SmallFirm.Quotes(), SmallFirm.Valuation);
        var pinned = await silo.Market.GetMarket(new Wire.GetMarketRequest { Pin = true, WithoutQuotes = true });
        var stored = await ledger.Store.ReadSnapshotAsync(pinned.SnapshotHash, CancellationToken.None);
        Assert.Equal(SmallFirm.Market.Count, stored!.Quotes.Count);
        Assert.Equal(FirmModel.Snapshot(await silo.MarketAsync()).Hash, pinned.SnapshotHash);
    }

    [Fact]
    public async Task Settled_numbers_include_every_quote_that_was_accepted_before()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var random = new Random(7);
        for (var round = 0; round < 40; round++)
        {
            var quotes = SmallFirm.Market.Where(_ => random.Next(40) == 0).Select(q => SmallFirm.Quote(q.Key, q.Value * (1 + (0.01 * random.NextDouble()))));
            await Task.WhenAll(quotes.ToList().Select(q => silo.PublishAsync(q)));
            var settled = await silo.SettleAsync();
            new FirmModel(settled.Hierarchy, SmallFirm.LiveTrades, FirmModel.Snapshot(await silo.MarketAsync()), SmallFirm.Scenarios)
                .Check(settled, $"seed 7, round {round}");
        }
    }

    [Fact]
    public async Task Settled_numbers_use_every_pillar_of_a_curve_that_grows_while_a_book_prices()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { WaveInterval = TimeSpan.FromTicks(1), Scenarios = null });
        await silo.PutAsync(SmallFirm.Nodes);

        // Thousands of contracts of their own, so that reading the market's shape and reading its quotes lie apart.
        var trades = Enumerable.Range(0, 3000).ToDictionary(i => $"B{i:D4}", i => SmallFirm.Terms(SmallFirm.Far, 0.5 + (i / 3000.0), 1), StringComparer.Ordinal);
        await silo.BookAsync(trades.Select(t => Commands.Book(t.Key, t.Key, t.Value)));
        var contracts = trades.Values.SelectMany(t => SmallFirm.ContractQuotes((Model.EuropeanOption)t.Instrument, SmallFirm.Market));
        await silo.PublishAsync(SmallFirm.Market.Concat(contracts).Select(q => SmallFirm.Quote(q.Key, q.Value)), SmallFirm.Valuation);
        var live = trades.Select(t => new Model.Trade(Model.TradeId.Parse(t.Key), 1, t.Value, Model.TradeLifecycle.Live)).ToList();
        for (var round = 0; round < 20; round++)
        {
            for (var pillar = 0; pillar < 4; pillar++)
                await silo.PublishAsync(SmallFirm.Quote($"ZC.USD.{100 + (4 * round) + pillar}D", 0.03 + (0.001 * ((round + pillar) % 7))));
            var settled = await silo.SettleAsync();
            var market = Pricing.SheetMarket.From(
                Pricing.Sheet.Build(Model.NodeId.Parse(SmallFirm.Far), live), FirmModel.Snapshot(await silo.MarketAsync()), SmallFirm.Options);
            Assert.Equal(Bits.Of(Pricing.SheetPricer.Price(market).Total), Bits.Of(settled[SmallFirm.Far].Rollup.Measures));
        }
    }

    [Fact]
    public async Task Settled_numbers_have_every_vector_even_if_the_reports_that_brought_them_were_lost()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine { Loses = call => call.Request is NodeReport { Pnl.IsEmpty: false } };
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, WaveInterval = TimeSpan.FromTicks(1) });
        using var enough = new CancellationTokenSource();
        var quotes = Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
                await silo.PublishAsync(SmallFirm.Quote("IDX.SP500", 6900 + (i % 100)), SmallFirm.Quote("FX.EURUSD", 1.1 + (0.001 * (i % 100))));
        });
        for (var round = 0; round < 100; round++)
        {
            var settled = await silo.SettleAsync();
            Assert.All(settled.Nodes, n => Assert.True(n.Value.Rollup.Tail?.TradesMissing == 0, $"round {round}: {n.Key} misses {n.Value.Rollup.Tail}"));
        }

        await enough.CancelAsync();
        await quotes;
    }

    [Fact]
    public async Task The_board_heals_from_lost_steps_and_settled_numbers_are_right()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new StrictEngine(new StrictOptions { Seed = 61, Losses = 0.2, Duplicates = 0.1 });
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine });
        for (var round = 0; round < 30; round++)
            await silo.PublishAsync(SmallFirm.Quote("IDX.SP500", 6900 + round), SmallFirm.Quote("EQ.SAP", 170 + round));
        var settled = await silo.SettleAsync();
        new FirmModel(settled.Hierarchy, SmallFirm.LiveTrades, FirmModel.Snapshot(await silo.MarketAsync()), SmallFirm.Scenarios).Check(settled, "after losses");
    }

    [Fact]
    public async Task Any_number_of_quotes_within_a_wave_costs_a_book_few_passes()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var time = new Grid.Tests.ManualTime();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Time = time });
        await silo.SettleAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        var before = (await silo.SettleAsync())[SmallFirm.Apple].Rollup.Version;
        for (var i = 0; i < 500; i++)
            await silo.PublishAsync(SmallFirm.Quote("EQ.AAPL", 250 + (0.01 * i)));
        await Patience.Eventually("the board has all quotes", async () => silo.Services.Board.Point.Sequence == (await silo.MarketAsync()).Point.Sequence);
        time.Advance(TimeSpan.FromMilliseconds(20));

        // A pass makes at most two versions: with its measures, and with its vector.
        var versions = (await silo.SettleAsync())[SmallFirm.Apple].Rollup.Version - before;
        Assert.InRange(versions, 1, 8);
    }
}

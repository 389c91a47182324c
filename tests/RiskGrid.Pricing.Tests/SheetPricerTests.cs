using RiskGrid.Model;

namespace RiskGrid.Pricing.Tests;

public sealed class SheetPricerTests
{
    private const int Seed = 1973;

    // Sums of a few hundred doubles of mixed sign, against their own absolute sum.
    private const double SumTolerance = 1e-12;

    [Fact]
    public void Trade_measures_add_up_to_the_sheet_for_every_additive_measure()
    {
        var (market, trades) = SampleMarket.Portfolio(500, Seed);
        var valuation = SheetPricer.Price(market.For(Sheet.Build(SampleMarket.Book, trades)));
        Assert.Equal(500, valuation.Coverage.Priced);
        foreach (var (name, field) in Fields)
        {
            var sum = 0.0;
            var scale = 0.0;
            foreach (var trade in valuation.Trades)
            {
                sum += field(trade);
                scale += Math.Abs(field(trade));
            }

            Assert.True(Math.Abs(sum - field(valuation.Total)) <= SumTolerance * scale, $"{name}: trades {sum:R}, sheet {field(valuation.Total):R}");
        }
    }

    [Fact]
    public void The_sheet_total_is_the_sequential_sum_in_trade_id_order_to_the_bit()
    {
        var (market, trades) = SampleMarket.Portfolio(300, Seed + 1);
        var valuation = SheetPricer.Price(market.For(Sheet.Build(SampleMarket.Book, trades)));
        var sum = Measures.Zero;
        foreach (var trade in valuation.Trades)
            sum += trade;
        Assert.Equal(sum, valuation.Total);
    }

    [Fact]
    public void Native_measures_at_snapshot_fx_add_up_to_the_reporting_currency()
    {
        var (market, trades) = SampleMarket.Portfolio(300, Seed + 2);
        var valuation = SheetPricer.Price(market.For(Sheet.Build(SampleMarket.Book, trades)));
        Assert.Equal(["EUR", "GBP", "USD"], valuation.Native.Keys.Select(c => c.Code));
        var eur = valuation.Native[Currency.Parse("EUR")];
        var gbp = valuation.Native[Currency.Parse("GBP")];
        var usd = valuation.Native[Currency.Usd];
        var gbpUsd = 1.08 / 0.86;
        Close(valuation.Total.Mtm, usd.Mtm + (1.08 * eur.Mtm) + (gbpUsd * gbp.Mtm));
        Close(valuation.Total.Vega1Pt, usd.Vega1Pt + (1.08 * eur.Vega1Pt) + (gbpUsd * gbp.Vega1Pt));
        Close(valuation.Total.FxDelta, (1.08 * eur.Mtm) + (gbpUsd * gbp.Mtm));
        Assert.Equal(0, usd.FxDelta);
    }

    [Fact]
    public void One_trade_priced_alone_has_the_bits_it_has_inside_its_sheet()
    {
        var (market, trades) = SampleMarket.Portfolio(257, Seed + 3);
        var sheet = Sheet.Build(SampleMarket.Book, trades);
        var sheetMarket = market.For(sheet);
        var valuation = SheetPricer.Price(sheetMarket);
        var snapshot = market.Snapshot();
        for (var i = 0; i < sheet.Count; i++)
        {
            Assert.Equal(valuation.Trades[i], SheetPricer.PriceTrade(sheetMarket, i).Measures);
            Assert.Equal(valuation.Trades[i], SheetPricer.PriceTrade(trades[i], snapshot, SampleMarket.Options).Measures);
        }
    }

    [Fact]
    public void Inputs_shown_are_the_inputs_used()
    {
        var option = SampleMarket.Option(OptionType.Call, 6900, 0.5);
        var market = new SampleMarket().Set("IDX.SP500", 6900).Set("ZC.USD.1Y", 0.04).QuoteContract(option, 0.15, 0.012);
        var quote = SheetPricer.PriceTrade(SampleMarket.Trade("T", option, 2), market.Snapshot(), SampleMarket.Options);
        var inputs = quote.Inputs;
        Assert.Equal((6900, 6900, 0.15, 0.04, 0.012, 1), (inputs.Spot, inputs.Strike, inputs.Volatility, inputs.ZeroRate, inputs.DividendYield, inputs.FxRate));
        Assert.Equal(0.5, inputs.Time, 12);
        Assert.Equal(6900 * Math.Exp((0.04 - 0.012) * 0.5), inputs.Forward, 9);
        Assert.Equal(Math.Exp(-0.04 * 0.5), inputs.Discount, 14);
        Assert.Equal(QuoteStatus.Ok, quote.QuoteStatus);
        Assert.Equal(SampleMarket.Valuation, quote.QuoteAsOf);
        Assert.Equal(2 * quote.Greeks.Price, quote.Measures.Mtm);
        Assert.Equal(0.2, quote.Measures.BidAskReserve, 15);
    }

    [Fact]
    public void A_call_less_a_put_is_the_discounted_forward_less_strike()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 500; i++)
        {
            var (spot, strike, years) = (50 + (100 * random.NextDouble()), 50 + (100 * random.NextDouble()), 0.01 + (3 * random.NextDouble()));
            var (rate, yield, volatility) = ((0.12 * random.NextDouble()) - 0.02, 0.08 * random.NextDouble(), 0.02 + random.NextDouble());
            double Value(OptionType type)
            {
                var option = SampleMarket.Option(type, strike, years);
                var market = new SampleMarket().Set("IDX.SP500", spot).Set("ZC.USD.1Y", rate).QuoteContract(option, volatility, yield);
                return SheetPricer.PriceTrade(SampleMarket.Trade("T", option), market.Snapshot(), SampleMarket.Options).Measures.Mtm;
            }

            var parity = (spot * Math.Exp(-yield * years)) - (strike * Math.Exp(-rate * years));
            Assert.True(Math.Abs(Value(OptionType.Call) - Value(OptionType.Put) - parity) < 1e-10, $"seed {Seed}, draw {i}: parity {parity:R}");
        }
    }

    [Fact]
    public void An_option_at_its_expiry_is_worth_its_intrinsic_value()
    {
        foreach (var (type, strike, expected) in new[] { (OptionType.Call, 90.0, 10.0), (OptionType.Put, 90.0, 0.0), (OptionType.Put, 130.0, 30.0) })
        {
            var option = SampleMarket.Option(type, strike, 0);
            var market = new SampleMarket().Set("IDX.SP500", 100).Set("ZC.USD.1Y", 0.04).QuoteContract(option, 0.2);
            var quote = SheetPricer.PriceTrade(SampleMarket.Trade("T", option), market.Snapshot(), SampleMarket.Options);
            Assert.Null(quote.Failure);
            Assert.Equal(expected, quote.Measures.Mtm);
            Assert.True(quote.Measures.IsFinite, "a Greek at expiry is not a number");
        }
    }

    [Fact]
    public void A_worthless_option_has_no_elasticity() => Assert.Null(default(EuropeanGreeks).Elasticity(100));

    [Fact]
    public void A_sheet_without_trades_is_worth_nothing()
    {
        var valuation = SheetPricer.Price(new SampleMarket().For(Sheet.Build(SampleMarket.Book, [])));
        Assert.Equal(Measures.Zero, valuation.Total);
        Assert.Equal((0, 0, 0), (valuation.Coverage.Trades, valuation.Coverage.Priced, valuation.Coverage.Failed));
        Assert.Null(valuation.Coverage.OldestQuote);
    }

    [Fact]
    public void A_cancelled_trade_has_no_price()
    {
        var trade = SampleMarket.Trade("T", SampleMarket.Option(OptionType.Call, 100, 1)) with { Lifecycle = TradeLifecycle.Cancelled };
        Assert.Equal("the trade is cancelled", SheetPricer.PriceTrade(trade, new SampleMarket().Snapshot(), SampleMarket.Options).Failure);
    }

    internal static readonly (string Name, Func<Measures, double> Field)[] Fields =
    [
        ("mtm", m => m.Mtm),
        ("delta_cash", m => m.DeltaCash),
        ("gamma_cash_1pct", m => m.GammaCash1Pct),
        ("vega_1pt", m => m.Vega1Pt),
        ("theta_1d", m => m.Theta1D),
        ("rho_1bp", m => m.Rho1Bp),
        ("bid_ask_reserve", m => m.BidAskReserve),
        ("fx_delta", m => m.FxDelta),
    ];

    private static void Close(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-10 * Math.Abs(expected), $"expected {expected:R}, got {actual:R}");
}

using RiskGrid.Model;

namespace RiskGrid.Pricing.Tests;

/// <summary>What no volatility can break, and what a pass over a sheet may cost.</summary>
public sealed class EuropeanPriceBoundsTests
{
    private const int Seed = 1900;

    [Fact]
    public void A_price_lies_between_discounted_intrinsic_value_and_what_the_option_can_pay_and_grows_with_volatility()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 400; i++)
        {
            var type = random.Next(2) == 0 ? OptionType.Call : OptionType.Put;
            var (strike, years) = (20 + (260 * random.NextDouble()), 0.002 + (5 * random.NextDouble()));
            var (rate, yield, volatility) = ((0.14 * random.NextDouble()) - 0.04, 0.08 * random.NextDouble(), 1.5 * random.NextDouble());
            var option = SampleMarket.Option(type, strike, years);
            EuropeanGreeks Greeks(double at) => SheetPricer.PriceTrade(
                SampleMarket.Trade("T", option),
                new SampleMarket().Set("IDX.SP500", 100).Set("ZC.USD.1Y", rate).QuoteContract(option, at, yield).Snapshot(),
                SampleMarket.Options).Greeks;

            var greeks = Greeks(volatility);
            var time = option.YearsToExpiry(SampleMarket.Valuation);
            var (stock, cash) = (100 * Math.Exp(-yield * time), strike * Math.Exp(-rate * time));
            var (least, most) = type == OptionType.Call ? (Math.Max(0, stock - cash), stock) : (Math.Max(0, cash - stock), cash);
            var slack = 1e-12 * (stock + cash);
            Assert.True(greeks.Price >= least - slack && greeks.Price <= most + slack, $"seed {Seed}, draw {i}: {greeks.Price:R} outside [{least:R}, {most:R}]");
            Assert.True(Greeks(volatility + 0.01).Price >= greeks.Price - slack, $"seed {Seed}, draw {i}: falls with volatility");
            Assert.True(greeks.Gamma >= 0 && greeks.Vega >= 0, $"seed {Seed}, draw {i}: gamma {greeks.Gamma:R}, vega {greeks.Vega:R}");
            Assert.InRange(Math.Abs(greeks.Delta), 0, Math.Exp(-yield * time) * (1 + 1e-14));
        }
    }

    [Fact]
    public void A_pass_over_a_sheet_allocates_its_result_and_little_else()
    {
        // 64 bytes of measures a trade are the result; coverage and totals are a few kilobytes whatever the size.
        const int Trades = 2_000;
        const long Budget = (Trades * 64) + 16_384;
        var (market, trades) = SampleMarket.Portfolio(Trades, Seed);
        var sheetMarket = market.For(Sheet.Build(SampleMarket.Book, trades));
        SheetPricer.Price(sheetMarket);
        var before = GC.GetAllocatedBytesForCurrentThread();
        SheetPricer.Price(sheetMarket);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= Budget, $"{allocated} bytes for {Trades} trades, {Budget} are the budget");
    }
}

using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Tests;

/// <summary>The cash measures against revaluations of bumped markets: what a trader would see when the market moves.</summary>
public sealed class CashMeasureTests
{
    private const int Seed = 4711;

    // Central differences: the step leaves a relative error of h² times a third derivative of order one.
    private const double DifferenceTolerance = 2e-5;

    [Fact]
    public void Delta_cash_is_the_slope_of_value_against_a_relative_move_of_the_underlying()
    {
        const double H = 1e-4;
        Check(m => m.DeltaCash, market => (Up(market, H) - Up(market, -H)) / (2 * H));
        static double Up(SampleMarket market, double by) => Value(Scaled(market, "IDX.SP500", 1 + by));
    }

    [Fact]
    public void Gamma_cash_is_the_curvature_of_value_against_a_move_of_the_underlying_times_one_percent()
    {
        const double H = 1e-3;
        Check(
            m => m.GammaCash1Pct,
            market => 0.01 * (Value(Scaled(market, "IDX.SP500", 1 + H)) - (2 * Value(market)) + Value(Scaled(market, "IDX.SP500", 1 - H))) / (H * H),
            tolerance: 1e-3);
    }

    [Fact]
    public void Vega_is_the_change_of_value_per_point_of_volatility()
    {
        const double H = 1e-4;
        Check(m => m.Vega1Pt, market => 0.01 * (Bumped(market, H) - Bumped(market, -H)) / (2 * H));
        static double Bumped(SampleMarket market, double by)
        {
            var copy = market.Copy();
            foreach (var name in market.Quotes.Keys.Where(k => k.Class == FactorClass.Volatility))
                copy.Bump(name.Value, by);
            return Value(copy);
        }
    }

    [Fact]
    public void Rho_is_the_change_of_value_per_basis_point_of_a_parallel_move_with_spot_fixed()
    {
        const double H = 1e-5;
        Check(m => m.Rho1Bp, market => 1e-4 * (Value(market.Copy().BumpCurve("USD", H)) - Value(market.Copy().BumpCurve("USD", -H))) / (2 * H));
    }

    [Fact]
    public void Theta_is_the_change_of_value_per_calendar_day_at_constant_spot_on_a_flat_curve()
    {
        // On a curve that is not flat the zero rate at expiry moves with time as well: theta is at a fixed rate.
        var hour = Duration.FromHours(1);
        Check(m => m.Theta1D, market => 24 * (Value(market, hour) - Value(market, -hour)) / 2, flat: true);
    }

    [Fact]
    public void Fx_delta_is_the_change_of_value_per_relative_move_of_the_foreign_rates()
    {
        const double H = 1e-4;
        var (market, trades) = SampleMarket.Portfolio(50, Seed);
        var sheet = Sheet.Build(SampleMarket.Book, trades);
        double Mtm(double factor) => SheetPricer.Price(Scaled(market, "FX.EURUSD", factor).For(sheet)).Total.Mtm;
        Close(SheetPricer.Price(market.For(sheet)).Total.FxDelta, (Mtm(1 + H) - Mtm(1 - H)) / (2 * H), 1e-9);
    }

    [Fact]
    public void The_reserve_is_half_the_spread_on_every_unit_long_or_short()
    {
        var (market, trades) = SampleMarket.Portfolio(100, Seed);
        var sheet = Sheet.Build(SampleMarket.Book, trades.Where(t => ((EuropeanOption)t.Terms.Instrument).Currency == Currency.Usd));
        var expected = trades.Where(t => ((EuropeanOption)t.Terms.Instrument).Currency == Currency.Usd).Sum(t => Math.Abs(t.Terms.Quantity) * 100 * 0.05);
        Close(expected, SheetPricer.Price(market.For(sheet)).Total.BidAskReserve, 1e-12);
    }

    private static void Check(
        Func<Measures, double> measure, Func<SampleMarket, double> difference, bool flat = false, double tolerance = DifferenceTolerance)
    {
        var market = Base(flat);
        var expected = difference(market);
        Close(expected, measure(SheetPricer.Price(market.For(Position)).Total), tolerance);
    }

    private static readonly EuropeanOption[] Held =
    [
        SampleMarket.Option(OptionType.Call, 7000, 0.4, multiplier: 100),
        SampleMarket.Option(OptionType.Put, 6500, 1.3, multiplier: 100),
    ];

    private static readonly Sheet Position = Sheet.Build(
        SampleMarket.Book, [SampleMarket.Trade("A", Held[0], 3), SampleMarket.Trade("B", Held[1], -2)]);

    private static SampleMarket Base(bool flat)
    {
        var market = new SampleMarket().Set("IDX.SP500", 6900).Set("ZC.USD.3M", 0.037).Set("ZC.USD.2Y", flat ? 0.037 : 0.034);
        market.QuoteContract(Held[0], 0.14, 0.011);
        return market.QuoteContract(Held[1], 0.19, 0.013);
    }

    private static SampleMarket Scaled(SampleMarket market, string factor, double by)
    {
        var copy = market.Copy();
        return copy.Set(factor, copy.Quotes[FactorName.Parse(factor)].Value * by);
    }

    private static double Value(SampleMarket market) => SheetPricer.Price(market.For(Position)).Total.Mtm;

    private static double Value(SampleMarket market, Duration later) =>
        SheetPricer.Price(SheetMarket.From(Position, market.Snapshot(SampleMarket.Valuation + later), SampleMarket.Options)).Total.Mtm;

    private static void Close(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Abs(expected), $"by difference {expected:R}, analytic {actual:R}");
}

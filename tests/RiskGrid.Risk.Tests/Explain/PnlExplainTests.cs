using NodaTime;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Tests;
using RiskGrid.Risk.Tests.Runs;

namespace RiskGrid.Risk.Tests.Explain;

public sealed class PnlExplainTests
{
    private const int Seed = 4401;

    // What second-order lines leave over is of the third order: half the move, an eighth of the rest.
    private const double ThirdOrder = 8;
    private const double SecondOrder = 4;

    [Fact]
    public void Nothing_happened_and_nothing_is_explained()
    {
        var (market, trades) = SampleMarket.Portfolio(40, Seed);
        var explain = Explain(market, trades, market, trades);
        Assert.Equal(PnlLines.Zero, explain.Lines);
        Assert.Equal((0, 0, 0, 0, 0, 0), (explain.New, explain.Amended, explain.Cancelled, explain.Expired, explain.Remarked, explain.Failed));
        Assert.Equal(0, explain.Lines.UnexplainedPercent);
    }

    [Fact]
    public void A_move_of_spot_is_delta_and_gamma_and_a_rest_of_third_order()
    {
        var market = Single(out var trade);
        PnlLines Move(double relative) => Explain(market, [trade], market.Copy().Set("IDX.SP500", 6900 * (1 + relative)), [trade]).Lines;
        var lines = Move(0.01);
        var quote = SheetPricer.PriceTrade(trade, market.Snapshot(), SampleMarket.Options);
        Assert.Equal(quote.Measures.DeltaCash * 0.01, lines.Delta, 1e-9 * Math.Abs(lines.Delta));
        Assert.Equal(quote.Measures.GammaCash1Pct * 0.5 * 0.01, lines.Gamma, 1e-9 * Math.Abs(lines.Gamma));
        Assert.Equal((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), (lines.Vega, lines.Vanna, lines.Volga, lines.Theta, lines.Rho, lines.Fx));
        Assert.InRange(lines.Unexplained / Move(0.005).Unexplained, ThirdOrder * 0.9, ThirdOrder * 1.1);
    }

    [Fact]
    public void A_move_of_volatility_is_vega_and_volga_and_a_rest_of_third_order()
    {
        var market = Single(out var trade);
        var factor = ((EuropeanOption)trade.Terms.Instrument).VolatilityFactor.Value;
        PnlLines Move(double points) => Explain(market, [trade], market.Copy().Bump(factor, points), [trade]).Lines;
        var lines = Move(0.01);
        Assert.Equal(SheetPricer.PriceTrade(trade, market.Snapshot(), SampleMarket.Options).Measures.Vega1Pt, lines.Vega, 1e-9 * Math.Abs(lines.Vega));
        Assert.NotEqual(0, lines.Volga);
        Assert.Equal((0.0, 0.0, 0.0), (lines.Delta, lines.Gamma, lines.Vanna));
        Assert.InRange(lines.Unexplained / Move(0.005).Unexplained, ThirdOrder * 0.9, ThirdOrder * 1.1);
    }

    [Fact]
    public void Spot_and_volatility_together_leave_a_rest_of_third_order_because_vanna_takes_the_cross()
    {
        // Out of the money, where vanna is large.
        var option = SampleMarket.Option(OptionType.Put, 6000, 0.5, multiplier: 100);
        var trade = SampleMarket.Trade("T", option, 10);
        var market = new SampleMarket().Set("IDX.SP500", 6900).Set("ZC.USD.1Y", 0.035).QuoteContract(option, 0.22);
        PnlLines Move(double size) => Explain(
            market, [trade], market.Copy().Set("IDX.SP500", 6900 * (1 + size)).Bump(option.VolatilityFactor.Value, -size), [trade]).Lines;
        var (whole, half) = (Move(0.002), Move(0.001));
        Assert.InRange(whole.Unexplained / half.Unexplained, ThirdOrder * 0.85, ThirdOrder * 1.15);
        Assert.InRange((whole.Unexplained + whole.Vanna) / (half.Unexplained + half.Vanna), SecondOrder * 0.9, SecondOrder * 1.1);
    }

    [Fact]
    public void Time_that_passes_is_theta_and_a_rest_of_second_order()
    {
        var market = Single(out var trade);
        PnlLines Wait(int hours) => Explain(market, [trade], market, [trade], Duration.FromHours(hours)).Lines;
        var day = Wait(24);
        Assert.Equal(SheetPricer.PriceTrade(trade, market.Snapshot(), SampleMarket.Options).Measures.Theta1D, day.Theta, 1e-9 * Math.Abs(day.Theta));

        // The only pillar-to-pillar roll here is flat, so that nothing but time passes.
        Assert.Equal(0, day.Rho);
        Assert.InRange(Wait(48).Unexplained / day.Unexplained, SecondOrder * 0.95, SecondOrder * 1.05);
    }

    [Fact]
    public void Rates_dividends_and_exchange_rates_have_lines_of_their_own()
    {
        var option = SampleMarket.Option(OptionType.Put, 185, 0.8, root: "SAP", underlying: "EQ.SAP", curve: "EUR", currency: "EUR", multiplier: 100);
        var trade = SampleMarket.Trade("T", option, -7);
        var market = new SampleMarket().Set("EQ.SAP", 180).Set("ZC.EUR.1Y", 0.02).Set("FX.EURUSD", 1.08).QuoteContract(option, 0.3, dividendYield: 0.01);
        var value = SheetPricer.PriceTrade(trade, market.Snapshot(), SampleMarket.Options);
        var rho = Explain(market, [trade], market.Copy().BumpCurve("EUR", 1e-4), [trade]).Lines;
        Assert.Equal(value.Measures.Rho1Bp, rho.Rho, 1e-9 * Math.Abs(rho.Rho));
        Assert.True(Math.Abs(rho.Unexplained) < 1e-3 * Math.Abs(rho.Rho));
        var dividend = Explain(market, [trade], market.Copy().Set(option.DividendYieldFactor.Value, 0.0101), [trade]).Lines;
        Assert.True(Math.Abs(dividend.Unexplained) < 1e-3 * Math.Abs(dividend.Dividend) && dividend.Rho == 0);
        var fx = Explain(market, [trade], market.Copy().Set("FX.EURUSD", 1.19), [trade]).Lines;
        Assert.Equal(value.Native.Mtm * (1.19 - 1.08), fx.Fx, 1e-9 * Math.Abs(fx.Fx));
        Assert.Equal(fx.Total, fx.Fx, 1e-9 * Math.Abs(fx.Fx));
    }

    [Fact]
    public void Trades_that_come_go_and_change_have_lines_and_everything_adds_up_to_the_full_revaluation()
    {
        var (market, trades) = SampleMarket.Portfolio(60, Seed + 1);
        var amended = trades.ToList();
        amended[3] = With(amended[3], quantity: 77);
        amended[4] = amended[4] with { Lifecycle = TradeLifecycle.Cancelled };
        amended.RemoveAt(5);
        amended.Add(SampleMarket.Trade("T00002x", (EuropeanOption)trades[9].Terms.Instrument, 12));
        var later = market.Copy().Set("IDX.SP500", 6950).Set("EQ.SAP", 176).Set("FX.EURUSD", 1.1).BumpCurve("USD", 1e-3);
        var explain = Explain(market, trades, later, amended, Duration.FromDays(1));
        Assert.Equal((1, 1, 2, 0), (explain.New, explain.Amended, explain.Cancelled, explain.Failed));

        var (start, end) = (Priced(market, trades, Duration.Zero), Priced(later, amended, Duration.FromDays(1)));
        var gross = explain.Lines.Gross;
        Assert.Equal(end.Total.Mtm - start.Total.Mtm, explain.Lines.Total, 1e-12 * (gross + Math.Abs(end.Total.Mtm)));
        Assert.Equal(explain.Lines.Total, explain.Lines.Named.Aggregate(0.0, (sum, line) => sum + line.Pnl), 1e-12 * gross);
        Assert.Equal(end.Trades[3].Mtm, explain.Lines.NewTrades);
        Assert.Equal(-(start.Trades[4].Mtm + start.Trades[5].Mtm), explain.Lines.CancelledTrades, 1e-12 * gross);
        var old = start.Trades[3].Mtm;
        var quantity = trades[3].Terms.Quantity;
        Assert.Equal((old / quantity * 77) - old, explain.Lines.AmendedTrades, 1e-9 * gross);
        Assert.InRange(Math.Abs(explain.Lines.UnexplainedPercent), 1e-6, 5);
    }

    [Fact]
    public void An_expired_trade_pays_off_at_the_spot_of_the_end()
    {
        var market = Single(out var trade);
        var option = SampleMarket.Option(OptionType.Call, 6800, 1 / 365.0, multiplier: 100);
        var expiring = SampleMarket.Trade("X", option, 3);
        market.QuoteContract(option, 0.2);
        var later = market.Copy().Set("IDX.SP500", 6925);
        var explain = Explain(market, [trade, expiring], later, [trade, expiring], Duration.FromDays(2));
        var value = SheetPricer.PriceTrade(expiring, market.Snapshot(), SampleMarket.Options).Measures.Mtm;
        Assert.Equal((1, 3.0 * 100 * 125, 0), (explain.Expired, explain.Cash, explain.Failed));
        Assert.Equal(explain.Cash - value, explain.Lines.Expiries, 1e-9 * value);
        var other = Explain(market, [trade], later, [trade], Duration.FromDays(2)).Lines;
        Assert.Equal(other.Total + explain.Lines.Expiries, explain.Lines.Total, 1e-9 * value);

        later.Quotes.Remove(FactorName.Parse("IDX.SP500"));
        var unknown = Explain(market, [expiring], later, [expiring], Duration.FromDays(2));
        Assert.Equal((-value, 0.0, 1), (unknown.Lines.Expiries, unknown.Cash, unknown.Failed));
        Assert.Contains("IDX.SP500", Assert.Single(unknown.Failures).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volatility_from_another_source_is_a_mark_change_and_no_vega()
    {
        var market = Single(out var trade);
        var factor = ((EuropeanOption)trade.Terms.Instrument).VolatilityFactor.Value;
        var later = market.Copy().Set("IDX.SP500", 6930);
        var moved = later.Copy().Set(factor, 0.21, status: QuoteStatus.OffSmile);
        var (explain, unmarked) = (Explain(market, [trade], moved, [trade]), Explain(market, [trade], later, [trade]));
        Assert.Equal(1, explain.Remarked);
        Assert.Equal((0.0, 0.0, 0.0), (explain.Lines.Vega, explain.Lines.Volga, explain.Lines.Vanna));
        Assert.Equal(explain.Lines.Total - unmarked.Lines.Total, explain.Lines.MarkChanges, 1e-9 * Math.Abs(explain.Lines.MarkChanges));
        Assert.Equal(unmarked.Lines.Unexplained, explain.Lines.Unexplained, 1e-9 * Math.Abs(explain.Lines.MarkChanges));
    }

    [Fact]
    public void A_trade_with_a_number_at_one_end_only_is_named_and_counts_as_coverage()
    {
        var market = Single(out var trade);
        var blind = market.Copy();
        blind.Quotes.Remove(((EuropeanOption)trade.Terms.Instrument).VolatilityFactor);
        var value = SheetPricer.PriceTrade(trade, market.Snapshot(), SampleMarket.Options).Measures.Mtm;
        var lost = Explain(market, [trade], blind, [trade]);
        Assert.Equal((-value, -value, 1), (lost.Lines.Coverage, lost.Lines.Total, lost.Failed));
        var found = Explain(blind, [trade], market, [trade]);
        Assert.Equal((value, value, 1), (found.Lines.Coverage, found.Lines.Total, found.Failed));
        var never = Explain(blind, [trade], blind, [trade]);
        Assert.Equal((PnlLines.Zero, 1), (never.Lines, never.Failed));
        var changed = Explain(blind, [trade], market, [With(trade, 3)]);
        Assert.Equal((changed.Lines.Total, 1, 1), (changed.Lines.AmendedTrades, changed.Amended, changed.Failed));
    }

    [Fact]
    public void Desks_add_up_their_books_and_time_does_not_run_backwards()
    {
        var tree = RunSamples.Tree(books: 1);
        var market = Single(out var trade);
        var book = Explain(market, [trade], market.Copy().Set("IDX.SP500", 7000), [trade]);
        var nodes = PnlExplain.Nodes(tree, [book, book, book]);
        Assert.Equal(book.Lines, nodes[2]);
        Assert.Equal(book.Lines.Delta + (book.Lines.Delta + book.Lines.Delta), nodes[0].Delta);
        Assert.Equal(PnlLines.Zero, nodes[7]);
        Assert.Throws<ArgumentException>(() => PnlExplain.Nodes(tree, [book]));
        Assert.Throws<ValidationException>(() => Explain(market, [trade], market, [trade], Duration.FromDays(-1)));
    }

    private static SampleMarket Single(out Trade trade)
    {
        var option = SampleMarket.Option(OptionType.Call, 7000, 0.5, multiplier: 100);
        trade = SampleMarket.Trade("T", option, 10);
        return new SampleMarket().Set("IDX.SP500", 6900).Set("ZC.USD.1Y", 0.035).QuoteContract(option, 0.18, dividendYield: 0.012);
    }

    private static Trade With(Trade trade, double quantity) =>
        trade with { Version = 2, Terms = new TradeTerms(trade.Terms.Instrument, quantity, trade.Terms.Book, string.Empty) };

    private static SheetValuation Priced(SampleMarket market, IEnumerable<Trade> trades, Duration after) =>
        SheetPricer.Price(SheetMarket.From(Sheet.Build(SampleMarket.Book, trades), market.Snapshot(SampleMarket.Valuation + after), SampleMarket.Options));

    private static BookExplain Explain(SampleMarket start, IEnumerable<Trade> from, SampleMarket end, IEnumerable<Trade> to, Duration after = default) =>
        PnlExplain.Book(
            Sheet.Build(SampleMarket.Book, from), Sheet.Build(SampleMarket.Book, to), start.Snapshot(), end.Snapshot(SampleMarket.Valuation + after),
            SampleMarket.Options);
}

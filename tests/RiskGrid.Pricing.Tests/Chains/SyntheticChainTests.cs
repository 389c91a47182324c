using RiskGrid.Model;
using RiskGrid.Pricing.Chains;

namespace RiskGrid.Pricing.Tests.Chains;

public sealed class SyntheticChainTests
{
    // What goes in comes out, to the digits that double-precision mids leave in a line through them.
    private const double ForwardTolerance = 1e-6;

    // A tenth of a basis point: the fitted curve is flat below its first pillar, the true one is not.
    private const double RateTolerance = 1e-5;

    // Between quotes 25 points apart a cubic spline in price follows the smile this closely.
    private const double SmileTolerance = 0.0015;

    [Fact]
    public void Spot_curve_and_forwards_of_a_consistent_chain_are_recovered()
    {
        var chain = new SyntheticChain().Calibrate();

        Assert.Equal(SyntheticChain.Slices.Count(), chain.Slices.Length);
        foreach (var slice in chain.Slices)
        {
            AssertNear(SyntheticChain.Forward(slice.Time), slice.Forward, ForwardTolerance * SyntheticChain.Spot, $"forward of {slice.Name}");
            if (slice.Time > 1 / 12.0)
                AssertNear(SyntheticChain.Zero(slice.Time), slice.Zero, RateTolerance, $"zero rate of {slice.Name}");
            AssertNear(SyntheticChain.Zero(slice.Time), slice.ImpliedZero, RateTolerance, $"implied zero rate of {slice.Name}");
            AssertNear(slice.Forward, chain.Spot * Math.Exp((slice.Zero - slice.DividendYield) * slice.Time), 1e-9 * slice.Forward, $"F = S·exp((z−q)t) in {slice.Name}");
        }

        // The carry at the short end is fitted as one line over half a year, and rates rise by 0.2 % a year.
        AssertNear(SyntheticChain.Spot, chain.Spot, 0.2, "spot");
        Assert.Empty(chain.NamedSlices);
    }

    [Fact]
    public void Volatilities_and_skew_of_a_consistent_chain_are_recovered()
    {
        var chain = new SyntheticChain().Calibrate();

        Assert.All(chain.Contracts, contract =>
        {
            var truth = SyntheticChain.Volatility(Math.Log(contract.Option.Strike / contract.Slice.Forward));
            if (contract.Status == QuoteStatus.Ok && Math.Abs(Math.Log(contract.Option.Strike / contract.Slice.Forward)) < 0.25 * Math.Sqrt(contract.Slice.Time))
                AssertNear(truth, contract.MarkedVolatility, 1e-4, contract.Contract);
        });
        Assert.Equal(chain.Contracts.Length, chain.StatusCounts[QuoteStatus.Ok] + chain.StatusCounts[QuoteStatus.BelowIntrinsic]);
        Assert.All(chain.Slices, slice => AssertNear(SyntheticChain.Skew(), slice.Skew, 0.1 * Math.Abs(SyntheticChain.Skew()), $"skew of {slice.Name}"));
        Assert.Equal((0, 0), (chain.ArbitrageBefore.Total, chain.ArbitrageAfter.Total));
    }

    [Fact]
    public void A_contract_without_a_quote_is_marked_on_the_smile_between_its_neighbours()
    {
        bool Silent(SyntheticChain.Row row) => row.Strike % 100 == 50;
        var chain = new SyntheticChain { Show = row => Silent(row) ? (0, 0) : (row.Price - row.Half, row.Price + row.Half) }.Calibrate();

        var marked = chain.Contracts.Where(c => c.Status == QuoteStatus.NoQuote).ToList();
        Assert.NotEmpty(marked);
        Assert.All(marked, contract =>
        {
            var k = Math.Log(contract.Option.Strike / contract.Slice.Forward);
            Assert.True(double.IsNaN(contract.OwnVolatility) && double.IsNaN(contract.Mid), $"{contract.Contract} has no mid of its own");
            Assert.InRange(contract.HalfSpread, 1e-6, contract.MarkedPrice);
            if (Math.Abs(k) < 0.25 * Math.Sqrt(contract.Slice.Time))
                AssertNear(SyntheticChain.Volatility(k), contract.MarkedVolatility, SmileTolerance, contract.Contract);
        });
    }

    [Fact]
    public void Stale_quotes_move_neither_curve_nor_forwards_nor_smile_and_are_named()
    {
        var clean = new SyntheticChain().Calibrate();
        // One call in four below the forward was last quoted when the index stood elsewhere.
        static bool IsStale(SyntheticChain.Row row) => row.IsCall && row.Strike < SyntheticChain.Forward(row.Time) - 100 && row.Strike % 100 == 25;
        var stale = new SyntheticChain
        {
            Show = row =>
            {
                var price = IsStale(row) ? row.Price + 45 + (row.Strike % 7) : row.Price;
                return (price - row.Half, price + row.Half);
            },
        }.Calibrate();

        AssertNear(clean.Spot, stale.Spot, 0.01, "spot");
        for (var i = 0; i < clean.Slices.Length; i++)
        {
            AssertNear(clean.Slices[i].Forward, stale.Slices[i].Forward, 0.01, $"forward of {clean.Slices[i].Name}");
            AssertNear(clean.Slices[i].Zero, stale.Slices[i].Zero, 1e-5, $"zero rate of {clean.Slices[i].Name}");
            AssertNear(clean.Slices[i].Skew, stale.Slices[i].Skew, 0.01, $"skew of {clean.Slices[i].Name}");
        }

        var named = stale.Contracts.Where(c => c.Status == QuoteStatus.OffSmile).Select(c => c.Option.Strike % 100).ToList();
        Assert.True(named.Count > 50, "stale quotes are found");
        Assert.All(named, remainder => Assert.Equal(25, remainder));
        Assert.True(stale.ArbitrageBefore.Total > 0, "stale quotes are arbitrage");
        Assert.True(stale.ArbitrageAfter.Total <= stale.ArbitrageBefore.Total, "marking adds no arbitrage");
    }

    [Fact]
    public void A_stale_out_of_the_money_quote_does_not_bend_the_smile()
    {
        static bool IsStale(SyntheticChain.Row row) => !row.IsCall && row.Strike == 4800;
        var chain = new SyntheticChain
        {
            Show = row => IsStale(row) ? ((3 * row.Price) - row.Half, (3 * row.Price) + row.Half) : (row.Price - row.Half, row.Price + row.Half),
        }.Calibrate();

        var stale = chain.Contracts.Where(c => c.Option is { Strike: 4800, Type: OptionType.Put }).ToList();
        Assert.NotEmpty(stale);
        Assert.All(stale, contract =>
        {
            Assert.Equal(QuoteStatus.OffSmile, contract.Status);
            AssertNear(SyntheticChain.Volatility(Math.Log(4800 / contract.Slice.Forward)), contract.MarkedVolatility, 0.005, contract.Contract);
        });
    }

    [Fact]
    public void Statuses_follow_the_documented_order()
    {
        var chain = new SyntheticChain
        {
            Show = row => (row.Strike, row.IsCall) switch
            {
                (4700, false) => (0, 0),
                (4725, false) => (0, row.Price + row.Half),
                (4750, false) => (row.Price, row.Price - 0.01),
                (4600, true) => (Math.Max(row.Price - 60, 1), Math.Max(row.Price - 59, 2)),
                (4775, false) => (row.Price, 0),
                (5200, true) => (row.Price, row.Price),
                _ => (row.Price - row.Half, row.Price + row.Half),
            },
        }.Calibrate();
        var slice = chain.Slices.Single(s => s.Expiry.Date == SyntheticChain.Today.PlusDays(91));
        CalibratedContract Find(double strike, OptionType type) => chain.Contracts.Single(c => c.Slice == slice && c.Option.Strike == strike && c.Option.Type == type);

        Assert.Equal(QuoteStatus.NoQuote, Find(4700, OptionType.Put).Status);
        Assert.Equal(QuoteStatus.NoQuote, Find(4775, OptionType.Put).Status);
        Assert.Equal(QuoteStatus.Crossed, Find(4750, OptionType.Put).Status);
        Assert.Equal(QuoteStatus.Ok, Find(5200, OptionType.Call).Status);
        Assert.Equal(0, Find(5200, OptionType.Call).HalfSpread);
        var unwanted = Find(4725, OptionType.Put);
        Assert.Equal(QuoteStatus.ZeroBid, unwanted.Status);
        Assert.Equal(0.5 * unwanted.Ask, unwanted.HalfSpread);
        Assert.Equal(0.5 * unwanted.Ask, unwanted.Mid);
        var sunk = Find(4600, OptionType.Call);
        Assert.True(sunk.Mid < sunk.Slice.Discount * (sunk.Slice.Forward - 4600), "the test's quote lies below intrinsic value");
        Assert.Equal(QuoteStatus.BelowIntrinsic, sunk.Status);
    }

    [Fact]
    public void A_contract_nobody_bids_for_is_never_marked_above_its_ask()
    {
        var chain = new SyntheticChain
        {
            Show = row => row.Strike % 100 == 75 && row.Price < 2 ? (0, 0.4 * row.Price) : (row.Price - row.Half, row.Price + row.Half),
        }.Calibrate();

        var unwanted = chain.Contracts.Where(c => c.Status == QuoteStatus.ZeroBid).ToList();
        Assert.NotEmpty(unwanted);
        Assert.All(unwanted, c => Assert.True(c.MarkedPrice <= c.Ask * (1 + 1e-9), $"{c.Contract} at {c.MarkedPrice} is above its ask {c.Ask}"));
    }

    [Fact]
    public void A_slice_with_too_few_pairs_interpolates_carry_and_is_named()
    {
        var thin = SyntheticChain.Today.PlusDays(147);
        var chain = new SyntheticChain
        {
            Show = row => row.Date == thin && row.IsCall && row.Strike % 1000 != 0 ? (0, 0) : (row.Price - row.Half, row.Price + row.Half),
        }.Calibrate();

        var slice = chain.Slices.Single(s => s.Expiry.Date == thin);
        Assert.InRange(slice.Pairs, 1, 4);
        Assert.True(slice.CarryInterpolated && double.IsNaN(slice.ForwardError), "the forward is not the slice's own");
        Assert.Equal(slice.Name, Assert.Single(chain.NamedSlices).Slice);
        AssertNear(SyntheticChain.Forward(slice.Time), slice.Forward, 0.5, "interpolated forward");
    }

    [Fact]
    public void An_expired_contract_is_quarantined_and_a_chain_of_nothing_else_is_refused()
    {
        var late = SpxChain.AsOf.Plus(NodaTime.Duration.FromDays(60));
        var chain = ChainCalibration.Calibrate(new SyntheticChain().Read(), late);
        Assert.NotEmpty(chain.Quarantined);
        Assert.All(chain.Quarantined, q => Assert.Equal("expiration", q.Field));
        Assert.All(chain.Slices, s => Assert.True(s.Time > 0, "no expired slice is calibrated"));

        Assert.Throws<ValidationException>(() => ChainCalibration.Calibrate(new SyntheticChain().Read(), SpxChain.AsOf.Plus(NodaTime.Duration.FromDays(800))));
    }

    private static void AssertNear(double expected, double actual, double tolerance, string promise) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance, $"{promise}: {actual:R} is not within {tolerance} of {expected:R}");
}

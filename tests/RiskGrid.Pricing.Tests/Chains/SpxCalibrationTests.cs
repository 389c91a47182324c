using System.Globalization;
using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Pricing.Chains;
using Xunit.Abstractions;

namespace RiskGrid.Pricing.Tests.Chains;

public sealed class SpxCalibrationTests(ITestOutputHelper output)
{
    // The promise of the issue: an ok contract's volatility gives back its mid.
    private const double RepricingTolerance = 1e-9;

    private static readonly string[] DualDates = ["2026-02-20", "2026-03-20", "2026-04-17", "2026-05-15", "2026-06-18"];

    private static CalibratedChain Calibrated => SpxChain.Calibrated;

    [Fact]
    public void All_59_slices_have_a_forward_and_a_discount_of_their_time()
    {
        Assert.Equal(59, Calibrated.Slices.Length);
        Assert.Equal(54, Calibrated.Slices.Select(s => s.Expiry.Date).Distinct().Count());
        output.WriteLine($"spot {Calibrated.Spot:F2}; {string.Join("  ", Calibrated.ZeroTenors.Zip(Calibrated.ZeroCurve.Rates.ToArray(), (t, r) => $"{t} {100 * r:F3}%"))}");
        Assert.InRange(Calibrated.Spot, 6920, 6950);
        foreach (var slice in Calibrated.Slices)
        {
            // USD rates of that winter, and the spread that index boxes pay over them.
            Assert.InRange(slice.Zero, 0.035, 0.045);
            Assert.InRange(slice.Discount, Math.Exp(-0.045 * slice.Time), 1);
            // Dividends of the index are 1.1 to 1.3 % a year; asynchronous closes of the first week's slices are worth 1.5 % a year.
            Assert.InRange(slice.DividendYield, slice.Time < 0.03 ? -0.01 : 0.004, 0.025);
            Assert.Equal(slice.Forward, Calibrated.Spot * Math.Exp((slice.Zero - slice.DividendYield) * slice.Time), 1e-6);
        }
    }

    [Fact]
    public void Forwards_grow_smoothly_in_time()
    {
        // Closes of different expiries are a few minutes apart: no two neighbours disagree by more than that move, three points.
        const double Asynchrony = 3;
        for (var i = 1; i < Calibrated.Slices.Length; i++)
        {
            var (before, after) = (Calibrated.Slices[i - 1], Calibrated.Slices[i]);
            var carried = before.Forward * Math.Exp(0.03 * (after.Time - before.Time));
            Assert.True(Math.Abs(after.Forward - carried) < Asynchrony + (0.01 * (after.Time - before.Time) * carried), $"{after.Name}: {after.Forward} after {before.Forward}");
        }
    }

    [Fact]
    public void Slices_with_too_few_pairs_are_named()
    {
        Assert.Equal(["SPXW.2026-03-10", "SPX.2031-12-19"], Calibrated.NamedSlices.Select(n => n.Slice));
        Assert.All(Calibrated.Slices, s => Assert.Equal(s.Pairs < 5, s.CarryInterpolated));
    }

    [Fact]
    public void No_pair_crosses_roots_on_the_dates_that_have_both()
    {
        foreach (var date in DualDates)
        {
            var slices = Calibrated.Slices.Where(s => s.Name.EndsWith(date, StringComparison.Ordinal)).ToList();
            Assert.Equal(["SPX", "SPXW"], slices.Select(s => s.Root));
            Assert.Equal(6.5 / 24 / 365, slices[1].Time - slices[0].Time, 1e-12);
            foreach (var slice in slices)
            {
                var own = SpxChain.Chain.Quotes.Where(q => q.Option.SliceName == slice.Name && q.Bid > 0 && q.Ask >= q.Bid).ToList();
                var calls = own.Where(q => q.Option.Type == OptionType.Call).Select(q => q.Option.Strike).ToHashSet();
                Assert.Equal(own.Count(q => q.Option.Type == OptionType.Put && calls.Contains(q.Option.Strike)), slice.Pairs);
            }
        }

        Assert.Equal(DualDates.Length, Calibrated.Slices.GroupBy(s => s.Expiry.Date).Count(g => g.Count() == 2));
    }

    [Fact]
    public void Every_contract_has_a_status_of_the_vocabulary()
    {
        output.WriteLine(string.Join("  ", Calibrated.StatusCounts.Select(s => $"{s.Key} {s.Value}")));
        Assert.Equal(17_107, Calibrated.Contracts.Length);
        Assert.Equal(17_107, Calibrated.StatusCounts.Values.Sum());
        Assert.Equal(91, Calibrated.BlankOpenInterest);
        Assert.Equal(670, Calibrated.StatusCounts[QuoteStatus.ZeroBid]);
        Assert.Equal(252, Calibrated.StatusCounts[QuoteStatus.NoQuote]);
        Assert.Equal(1, Calibrated.StatusCounts[QuoteStatus.Crossed]);
        // The data's own note speaks of about 460 mids below intrinsic value and about 290 stale quotes.
        Assert.InRange(Calibrated.StatusCounts[QuoteStatus.BelowIntrinsic], 430, 520);
        Assert.InRange(Calibrated.StatusCounts[QuoteStatus.OffSmile], 230, 350);
        Assert.True(Calibrated.StatusCounts[QuoteStatus.Ok] > 15_000, "most of the market is sound");
    }

    [Fact]
    public void Every_ok_contract_reprices_to_its_mid()
    {
        var ok = Calibrated.Contracts.Where(c => c.Status == QuoteStatus.Ok).ToArray();
        var prices = new double[ok.Length];
        var batch = new ForwardBatch
        {
            Side = ok.Select(c => c.Option.Type == OptionType.Call ? OptionSide.Call : OptionSide.Put).ToArray(),
            Forward = ok.Select(c => c.Slice.Forward).ToArray(),
            Strike = ok.Select(c => c.Option.Strike).ToArray(),
            Time = ok.Select(c => c.Slice.Time).ToArray(),
            Volatility = ok.Select(c => c.MarkedVolatility).ToArray(),
            Discount = ok.Select(c => c.Slice.Discount).ToArray(),
        };
        Assert.Equal(0, Black76.Price(batch, prices, new ElementStatus[ok.Length]));
        for (var i = 0; i < ok.Length; i++)
            Assert.True(Math.Abs(prices[i] - ok[i].Mid) <= RepricingTolerance * ok[i].Mid, $"{ok[i].Contract}: {prices[i]:R} is not its mid {ok[i].Mid:R}");
    }

    [Fact]
    public void Every_marked_number_is_finite_and_above_zero()
    {
        Assert.All(Calibrated.Contracts, c =>
        {
            Assert.True(double.IsFinite(c.MarkedVolatility) && c.MarkedVolatility > 0, $"{c.Contract}: volatility {c.MarkedVolatility}");
            Assert.True(double.IsFinite(c.MarkedPrice) && c.MarkedPrice >= 0, $"{c.Contract}: price {c.MarkedPrice}");
            Assert.True(double.IsFinite(c.HalfSpread) && c.HalfSpread >= 0, $"{c.Contract}: half spread {c.HalfSpread}");
            if (c.Status == QuoteStatus.ZeroBid)
                Assert.True(c.MarkedPrice <= c.Ask * (1 + RepricingTolerance), $"{c.Contract}: {c.MarkedPrice} above its ask {c.Ask}");
        });
    }

    [Fact]
    public void Marking_takes_arbitrage_out_and_adds_none()
    {
        output.WriteLine($"before {Calibrated.ArbitrageBefore}, after {Calibrated.ArbitrageAfter}");
        Assert.True(Calibrated.ArbitrageBefore.Total > 0, "the raw quotes hold stale prices");
        Assert.True(Calibrated.ArbitrageAfter.Butterflies <= Calibrated.ArbitrageBefore.Butterflies, "no more butterflies than before");
        Assert.True(Calibrated.ArbitrageAfter.Calendars <= Calibrated.ArbitrageBefore.Calendars, "no more calendar spreads than before");
    }

    [Fact]
    public void Skew_is_negative_and_flattens_with_time()
    {
        output.WriteLine(string.Join("  ", Calibrated.Slices.Select(s => s.Skew.ToString("F2", CultureInfo.InvariantCulture))));
        for (var i = 0; i < Calibrated.Slices.Length; i++)
        {
            Assert.InRange(Calibrated.Slices[i].Skew, -30, -0.3);
            if (i > 0)
                Assert.InRange(Calibrated.Slices[i].Skew / Calibrated.Slices[i - 1].Skew, 0.75, 1.1);
        }
    }

    [Fact]
    public void The_order_of_the_rows_changes_no_bit()
    {
        const int Seed = 20260130;
        output.WriteLine($"seed {Seed}");
        using var text = SpxChain.Open();
        var lines = text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        new Random(Seed).Shuffle(lines.AsSpan(1));

        var shuffled = ChainCalibration.Calibrate(OptionChain.Read(new StringReader(string.Join('\n', lines)), "shuffled"), SpxChain.AsOf);

        Assert.Equal(new MarketSnapshot(SpxChain.AsOf, Calibrated.ToQuotes()).Hash, new MarketSnapshot(SpxChain.AsOf, shuffled.ToQuotes()).Hash);
    }

    [Fact]
    public void Every_contract_finds_its_quotes_by_name()
    {
        var quotes = new MarketSnapshot(SpxChain.AsOf, Calibrated.ToQuotes()).Quotes;

        Assert.Equal(1 + Calibrated.ZeroTenors.Length + (2 * 59) + (2 * 17_107), quotes.Count);
        Assert.All(Calibrated.Contracts, c =>
        {
            Assert.Equal((c.MarkedVolatility, c.Status), (quotes[c.Option.VolatilityFactor].Value, quotes[c.Option.VolatilityFactor].Status));
            Assert.Equal(c.HalfSpread, quotes[c.Option.HalfSpreadFactor].Value);
            Assert.True(quotes.ContainsKey(c.Option.DividendYieldFactor) && quotes.ContainsKey(c.Option.SkewFactor), $"{c.Contract} has a slice");
        });
        Assert.Equal(Calibrated.Spot, quotes[FactorName.Parse("IDX.SP500")].Value);
        Assert.All(quotes.Values, q => Assert.Equal(SpxChain.AsOf, q.AsOf));
    }

    [Fact]
    public void The_table_has_one_row_a_contract_that_reads_back()
    {
        var text = new StringWriter();
        IvTable.Write(text, Calibrated);
        var lines = text.ToString().Split('\n');

        Assert.Equal("contract,root,expiry,type,strike,bid,ask,mid,forward,discount,t,iv,status", lines[0]);
        Assert.Equal(17_107 + 2, lines.Length);
        Assert.Equal(string.Empty, lines[^1]);
        for (var i = 0; i < Calibrated.Contracts.Length; i++)
        {
            var fields = lines[i + 1].Split(',');
            Assert.Equal(13, fields.Length);
            Assert.Equal((Calibrated.Contracts[i].Contract, Calibrated.Contracts[i].Status), (fields[0], fields[12]));
            Assert.Equal(Calibrated.Contracts[i].MarkedVolatility, double.Parse(fields[11], CultureInfo.InvariantCulture));
        }
    }
}

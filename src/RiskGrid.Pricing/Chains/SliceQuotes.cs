using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Pricing.Smiles;

namespace RiskGrid.Pricing.Chains;

/// <summary>One slice at work: its contracts as columns, in order of strike, put before call. Each step of the calibration fills its
/// own columns.</summary>
internal sealed class SliceQuotes
{
    // The smallest tick of the index options: nothing is known better than half of it.
    private const double HalfTick = 0.025;

    public SliceQuotes(string name, double time, IEnumerable<ChainQuote> quotes)
    {
        Name = name;
        Time = time;
        Quotes = [.. quotes.OrderBy(q => q.Option.Strike).ThenBy(q => q.Option.Type)];
        Sides = Array.ConvertAll(Quotes, q => q.Option.Type == OptionType.Call ? OptionSide.Call : OptionSide.Put);
        Strikes = Array.ConvertAll(Quotes, q => q.Option.Strike);
        Mids = Array.ConvertAll(Quotes, q => q.Ask > 0 ? 0.5 * (q.Bid + q.Ask) : double.NaN);
        Status = Array.ConvertAll(Quotes, StatusOfSides);
        OwnVolatility = Array.ConvertAll(Quotes, _ => double.NaN);
        MarkedVolatility = new double[Quotes.Length];
        MarkedPrices = new double[Quotes.Length];
        HalfSpreads = new double[Quotes.Length];
        Moneyness = new double[Quotes.Length];
    }

    public string Name { get; }

    public double Time { get; }

    public double Forward { get; private set; }

    public double Discount { get; private set; }

    public int Count => Quotes.Length;

    public ChainQuote[] Quotes { get; }

    public OptionSide[] Sides { get; }

    public double[] Strikes { get; }

    /// <summary>Strike over forward.</summary>
    public double[] Moneyness { get; }

    /// <summary>NaN without an ask.</summary>
    public double[] Mids { get; }

    public string[] Status { get; }

    public double[] OwnVolatility { get; }

    public double[] MarkedVolatility { get; }

    public double[] MarkedPrices { get; }

    public double[] HalfSpreads { get; }

    public bool IsTwoSided(int i) => Quotes[i].Bid > 0 && Quotes[i].Ask >= Quotes[i].Bid;

    /// <summary>A spread for judging and weighing: half of ask less bid, at least half a tick.</summary>
    public double QuotedHalfSpread(int i) => Math.Max(0.5 * (Quotes[i].Ask - Quotes[i].Bid), HalfTick);

    public bool IsOutOfTheMoney(int i) => NormalisedBlack.SideOf(Moneyness[i]) == Sides[i];

    /// <summary>Sets forward and discount factor, and solves the mids' volatilities.</summary>
    public void Imply(double forward, double discount)
    {
        Forward = forward;
        Discount = discount;
        for (var i = 0; i < Count; i++)
            Moneyness[i] = Strikes[i] / forward;
        var solved = ImpliedVolatility(Mids);
        for (var i = 0; i < Count; i++)
        {
            if (!IsTwoSided(i))
                continue;
            if (solved.Volatility[i] > 0)
                OwnVolatility[i] = solved.Volatility[i];
            else
                Status[i] = solved.Status[i] == ElementStatus.AboveMaximum ? QuoteStatus.OffSmile : QuoteStatus.BelowIntrinsic;
        }
    }

    /// <summary>The out-of-the-money quotes that have a volatility.</summary>
    public SmileQuotes OutOfTheMoney()
    {
        var chosen = Enumerable.Range(0, Count).Where(i => IsOutOfTheMoney(i) && !double.IsNaN(OwnVolatility[i])).ToArray();
        var unit = Forward * Discount;
        return new SmileQuotes(
            Time,
            Array.ConvertAll(chosen, i => Moneyness[i]),
            Array.ConvertAll(chosen, i => Mids[i] / unit),
            Array.ConvertAll(chosen, i => QuotedHalfSpread(i) / unit),
            Array.ConvertAll(chosen, i => OwnVolatility[i]));
    }

    /// <summary>Discounted prices at the given volatilities.</summary>
    public double[] Prices(double[] volatility)
    {
        var prices = new double[Count];
        Black76.Price(Batch(volatility), prices, new ElementStatus[Count]);
        return prices;
    }

    /// <summary>Volatilities of discounted prices.</summary>
    public (double[] Volatility, ElementStatus[] Status) ImpliedVolatility(double[] prices)
    {
        var volatility = new double[Count];
        var status = new ElementStatus[Count];
        Black76.ImpliedVolatility(Batch([]), prices, volatility, status);
        return (volatility, status);
    }

    private static string StatusOfSides(ChainQuote quote)
    {
        if (!(quote.Ask > 0))
            return QuoteStatus.NoQuote;
        if (!(quote.Bid > 0))
            return QuoteStatus.ZeroBid;
        return quote.Bid > quote.Ask ? QuoteStatus.Crossed : QuoteStatus.Ok;
    }

    private ForwardBatch Batch(double[] volatility)
    {
        var forwards = new double[Count];
        var times = new double[Count];
        var discounts = new double[Count];
        Array.Fill(forwards, Forward);
        Array.Fill(times, Time);
        Array.Fill(discounts, Discount);
        return new ForwardBatch
        {
            Side = Sides,
            Forward = forwards,
            Strike = Strikes,
            Time = times,
            Volatility = volatility,
            Discount = discounts,
        };
    }
}

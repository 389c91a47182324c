using RiskGrid.Kernels;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Chains;

/// <summary>A call and a put of one slice at one strike, both with a sound two-sided quote.</summary>
/// <param name="Strike">Price points.</param>
/// <param name="Difference">Mid of the call less mid of the put.</param>
/// <param name="Spread">Sum of the two bid-ask spreads, at least a tick.</param>
internal readonly record struct ParityPair(double Strike, double Difference, double Spread);

/// <summary>Put-call parity within one slice: C − P = D·(F − K) for European options of one expiry.</summary>
/// <remarks>H. R. Stoll, The relationship between put and call option prices, Journal of Finance 24 (1969) p. 801. The line through
/// (K, C − P) has slope −D and meets zero at F.</remarks>
internal sealed class ParityFit
{
    /// <summary>Fewer pairs than this determine nothing: the slice interpolates carry.</summary>
    public const int LeastPairs = 5;

    // The smallest tick of the index options: a locked quote is no better known than that.
    private const double Tick = 0.05;

    private readonly ParityPair[] _pairs;

    private ParityFit(ParityPair[] pairs) => _pairs = pairs;

    /// <summary>The number of strikes at which both sides have a sound two-sided quote.</summary>
    public int Pairs => _pairs.Length;

    /// <summary>Pairs up the quotes of one slice, in strike order. Never give it two roots: they settle at different times.</summary>
    public static ParityFit Of(IReadOnlyList<ChainQuote> slice)
    {
        var puts = new Dictionary<double, ChainQuote>();
        foreach (var quote in slice)
        {
            if (quote.Option.Type == OptionType.Put && IsSound(quote))
                puts.Add(quote.Option.Strike, quote);
        }

        var pairs = new List<ParityPair>();
        foreach (var call in slice)
        {
            if (call.Option.Type == OptionType.Call && IsSound(call) && puts.TryGetValue(call.Option.Strike, out var put))
            {
                var spread = Math.Max(call.Ask - call.Bid, Tick) + Math.Max(put.Ask - put.Bid, Tick);
                pairs.Add(new ParityPair(call.Option.Strike, (0.5 * (call.Bid + call.Ask)) - (0.5 * (put.Bid + put.Ask)), spread));
            }
        }

        pairs.Sort((a, b) => a.Strike.CompareTo(b.Strike));
        return new ParityFit([.. pairs]);
    }

    /// <summary>The zero rate that the slice implies by itself, with its standard error; null with too few pairs or a line that is
    /// no discount factor.</summary>
    public (double Rate, double Error)? ImpliedRate(double time)
    {
        if (Pairs < LeastPairs)
            return null;
        var middle = _pairs[Pairs / 2].Strike;
        var design = new double[2 * Pairs];
        for (var i = 0; i < Pairs; i++)
        {
            design[2 * i] = 1;
            design[(2 * i) + 1] = 1 - (_pairs[i].Strike / middle);
        }

        var fit = RobustRegression.Fit(design, 2, Differences(1, 0), Spreads(1));
        var discount = fit.Coefficients[1] / middle;
        if (discount <= 0)
            return null;
        return (-Elementary.Log(discount) / time, fit.StandardErrors[1] / (middle * discount * time));
    }

    /// <summary>The forward given the discount factor, with its standard error.</summary>
    public (double Forward, double Error) ForwardGiven(double discount)
    {
        var fit = RobustRegression.Location(Differences(discount, 1), Spreads(discount));
        return (fit.Coefficients[0], fit.StandardErrors[0]);
    }

    private static bool IsSound(ChainQuote quote) => quote.Bid > 0 && quote.Ask >= quote.Bid;

    private double[] Differences(double discount, double strikes) =>
        Array.ConvertAll(_pairs, p => (p.Difference / discount) + (strikes * p.Strike));

    private double[] Spreads(double discount) => Array.ConvertAll(_pairs, p => p.Spread / discount);
}

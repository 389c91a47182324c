using System.Globalization;
using System.Text;
using NodaTime;
using RiskGrid.Kernels;
using RiskGrid.Pricing.Chains;

namespace RiskGrid.Pricing.Tests.Chains;

/// <summary>A chain without noise, priced from a known spot, curve, dividend yield and smile.</summary>
/// <remarks>Total variance is t·(a + b(ρ(k−m) + √((k−m)²+s²))) with one shape at all times, so that it grows in time at every moneyness,
/// and with parameters that keep the density positive: J. Gatheral and A. Jacquier, Arbitrage-free SVI volatility surfaces, Quantitative
/// Finance 14 (2014) p. 59.</remarks>
internal sealed class SyntheticChain
{
    public const double Spot = 5000;
    public const double Yield = 0.012;

    private static readonly int[] Days = [14, 28, 56, 91, 147, 182, 273, 364, 546, 728];

    public static LocalDate Today { get; } = new(2026, 1, 30);

    public static IEnumerable<(string Root, LocalDate Date, double Time)> Slices => Days.Select(d => ("SPXW", Today.PlusDays(d), (d - (0.25 / 24)) / 365));

    /// <summary>The quote (bid, ask) that a contract shows: the fair price with a spread around it; may be changed by a test.</summary>
    public Func<Row, (double Bid, double Ask)> Show { get; init; } = row => (row.Price - row.Half, row.Price + row.Half);

    public static double Zero(double time) => 0.035 + (0.002 * time);

    public static double Forward(double time) => Spot * Math.Exp((Zero(time) - Yield) * time);

    public static double Volatility(double k) => Math.Sqrt(0.012 + (0.12 * ((-0.45 * (k - 0.05)) + Math.Sqrt(((k - 0.05) * (k - 0.05)) + 0.01))));

    public static double Skew() => (Math.Log(Volatility(1e-5)) - Math.Log(Volatility(-1e-5))) / 2e-5;

    public OptionChain Read()
    {
        var text = new StringBuilder("contractSymbol,lastTradeDate,strike,bid,ask,openInterest,contractSize,currency,option_type,expiration\n");
        foreach (var row in Rows())
        {
            var (bid, ask) = Show(row);
            text.Append(CultureInfo.InvariantCulture, $"{row.Root}{row.Date:yyMMdd}{(row.IsCall ? 'C' : 'P')}{row.Strike * 1000:00000000},,")
                .Append(CultureInfo.InvariantCulture, $"{row.Strike:R},{bid:R},{ask:R},10,REGULAR,USD,{(row.IsCall ? "call" : "put")},{row.Date:yyyy-MM-dd}\n");
        }

        return OptionChain.Read(new StringReader(text.ToString()), "synthetic");
    }

    public CalibratedChain Calibrate() => ChainCalibration.Calibrate(Read(), SpxChain.AsOf);

    private static IEnumerable<Row> Rows()
    {
        foreach (var (root, date, time) in Slices)
        {
            var forward = Forward(time);
            var discount = Math.Exp(-Zero(time) * time);
            var width = 0.25 * Math.Sqrt(time);
            for (var strike = 25 * Math.Ceiling(forward * Math.Exp(-3 * width) / 25); strike < forward * Math.Exp(2 * width); strike += 25)
            {
                var volatility = Volatility(Math.Log(strike / forward));
                foreach (var isCall in (bool[])[false, true])
                {
                    var price = Price(isCall, forward, strike, time, volatility, discount);
                    yield return new Row(root, date, time, isCall, strike, price, Math.Min(0.5 * price, 0.05 + (0.002 * price)));
                }
            }
        }
    }

    private static double Price(bool isCall, double forward, double strike, double time, double volatility, double discount)
    {
        Span<double> price = [0];
        Span<ElementStatus> status = [ElementStatus.Ok];
        var batch = new ForwardBatch
        {
            Side = [isCall ? OptionSide.Call : OptionSide.Put],
            Forward = [forward],
            Strike = [strike],
            Time = [time],
            Volatility = [volatility],
            Discount = [discount],
        };
        Black76.Price(batch, price, status);
        return price[0];
    }

    /// <summary>One contract and its fair price.</summary>
    internal sealed record Row(string Root, LocalDate Date, double Time, bool IsCall, double Strike, double Price, double Half);
}

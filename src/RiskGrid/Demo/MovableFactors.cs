using System.Globalization;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Kernels;
using RiskGrid.Model;

namespace RiskGrid.Demo;

/// <summary>Chooses what a replay may move: prices, and the volatilities of contracts whose value answers to them.</summary>
internal static class MovableFactors
{
    // Beyond this many deviations from the money an option's value may not change in any bit when its volatility does.
    private const double MostDeviations = 3;

    /// <summary>The index levels, the stock prices, and the volatilities of contracts near the money that are held.</summary>
    /// <param name="market">All quotes.</param>
    /// <param name="valuation">When they are valued.</param>
    /// <param name="isHeld">Whether somebody holds the contract with this volatility factor.</param>
    public static IEnumerable<KeyValuePair<FactorName, double>> Of(
        IReadOnlyDictionary<FactorName, double> market, Instant valuation, Func<FactorName, bool> isHeld)
    {
        var index = market.Where(q => q.Key.Class == FactorClass.Index).Select(q => (double?)q.Value).FirstOrDefault();
        return market.Where(q => q.Key.Class switch
        {
            FactorClass.Index or FactorClass.Equity => true,
            FactorClass.Volatility => isHeld(q.Key) && IsNearTheMoney(q.Key, q.Value),
            _ => false,
        });

        bool IsNearTheMoney(FactorName factor, double volatility)
        {
            // VOL.ROOT.EXPIRY.STRIKE and the type's letter.
            var parts = factor.Value.Split('.', 4);
            if (parts.Length < 4
                || !LocalDatePattern.Iso.Parse(parts[2]).TryGetValue(default, out var expiry)
                || !double.TryParse(parts[3].AsSpan(0, parts[3].Length - 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var strike))
                return false;
            var spot = market.TryGetValue(FactorName.Parse("EQ." + parts[1]), out var stock) ? stock : index;
            var years = EuropeanOption.YearsBetween(valuation, expiry.At(new LocalTime(16, 0)));
            return spot is { } level && years > 0 && Math.Abs(Elementary.Log(strike / level)) < MostDeviations * volatility * Math.Sqrt(years);
        }
    }
}

using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Model;
using RiskGrid.Pricing.Curves;
using RiskGrid.Pricing.Smiles;

namespace RiskGrid.Pricing.Chains;

/// <summary>A slice that could not be calibrated from its own quotes alone.</summary>
/// <param name="Slice">Its name.</param>
/// <param name="Reason">What it took from its neighbours, and why.</param>
public sealed record NamedSlice(string Slice, string Reason);

/// <summary>Static arbitrage beyond bid and ask.</summary>
/// <param name="Butterflies">Strikes whose price lies above the line between its neighbours by more than the three half spreads.</param>
/// <param name="Calendars">Contracts dearer than the next slice's at the same moneyness by more than the half spreads.</param>
public readonly record struct ArbitrageCount(int Butterflies, int Calendars)
{
    /// <summary>Both kinds together.</summary>
    public int Total => Butterflies + Calendars;
}

/// <summary>A whole option chain made consistent: one spot, one zero curve, a forward and a smile for each slice, a volatility for each
/// contract. Immutable and safe to share between threads.</summary>
public sealed class CalibratedChain
{
    /// <summary>The factor that holds the spot.</summary>
    public static FactorName SpotFactor { get; } = FactorName.Parse("IDX.SP500");

    /// <summary>The name of the fitted curve: its pillars are <c>ZC.USD-SPX.tenor</c>.</summary>
    public const string ZeroCurveName = "USD-SPX";

    /// <summary>Where the chain came from.</summary>
    public required string SourceName { get; init; }

    /// <summary>When the quotes were taken, and the instant at which all times are measured.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>The nearest forward discounted by its carry, in price points.</summary>
    public required double Spot { get; init; }

    /// <summary>The fitted zero curve.</summary>
    public required ZeroCurve ZeroCurve { get; init; }

    /// <summary>The names of the curve's pillars, in time order.</summary>
    public required ImmutableArray<string> ZeroTenors { get; init; }

    /// <summary>Standard deviation of the slices' log discount factors around the curve that their own errors do not explain.</summary>
    public required double DiscountNoise { get; init; }

    /// <summary>The slices in order of time.</summary>
    public required ImmutableArray<CalibratedSlice> Slices { get; init; }

    /// <summary>The contracts by slice, then strike, put before call.</summary>
    public required ImmutableArray<CalibratedContract> Contracts { get; init; }

    /// <summary>The smiles over time.</summary>
    public required VolatilitySurface Surface { get; init; }

    /// <summary>The slices that took forward or smile from their neighbours.</summary>
    public required ImmutableArray<NamedSlice> NamedSlices { get; init; }

    /// <summary>Rows that the file's reader refused, and contracts that had expired.</summary>
    public required ImmutableArray<QuarantinedRow> Quarantined { get; init; }

    /// <summary>Arbitrage in the raw quotes.</summary>
    public required ArbitrageCount ArbitrageBefore { get; init; }

    /// <summary>Arbitrage in the marked prices, same contracts and same half spreads.</summary>
    public required ArbitrageCount ArbitrageAfter { get; init; }

    /// <summary>The number of contracts whose open interest is blank.</summary>
    public int BlankOpenInterest => Contracts.Count(c => c.OpenInterestBlank);

    /// <summary>The number of contracts of each status, every status of the vocabulary named.</summary>
    public ImmutableSortedDictionary<string, int> StatusCounts =>
        QuoteStatus.All.ToImmutableSortedDictionary(
            status => status, status => Contracts.Count(c => string.Equals(c.Status, status, StringComparison.Ordinal)), StringComparer.Ordinal);

    /// <summary>The chain as quotes: spot, zero curve, per slice dividend yield and skew, per contract volatility and half spread; all as
    /// of <see cref="AsOf"/>. A volatility carries its contract's status.</summary>
    public IReadOnlyList<KeyValuePair<FactorName, Quote>> ToQuotes()
    {
        var quotes = new List<KeyValuePair<FactorName, Quote>>(1 + ZeroTenors.Length + (2 * (Slices.Length + Contracts.Length)));
        void Add(FactorName factor, double value, string status = QuoteStatus.Ok) => quotes.Add(new(factor, new Quote(value, AsOf, status)));
        Add(SpotFactor, Spot);
        for (var i = 0; i < ZeroTenors.Length; i++)
            Add(FactorName.Parse($"ZC.{ZeroCurveName}.{ZeroTenors[i]}"), ZeroCurve.Rates[i]);
        foreach (var slice in Slices)
        {
            Add(FactorName.Parse($"DIV.{slice.Name}"), slice.DividendYield);
            Add(FactorName.Parse($"SKEW.{slice.Name}"), slice.Skew);
        }

        foreach (var contract in Contracts)
        {
            Add(contract.Option.VolatilityFactor, contract.MarkedVolatility, contract.Status);
            Add(contract.Option.HalfSpreadFactor, contract.HalfSpread);
        }

        return quotes;
    }
}

using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>How old the prices of a sheet are. Neighbouring trades mostly share slice and as-of time, so the last answer is kept.</summary>
internal struct QuoteAges(SheetMarket market)
{
    private int _slice = -1;
    private Instant _volatilityAsOf;
    private Instant _oldest;
    private Instant _newest;
    private bool _stale;

    /// <summary>The as-of time of the oldest deciding quote; see <see cref="SheetMarket"/>.</summary>
    public static Instant Oldest(in SliceMarket slice, Instant volatilityAsOf) =>
        volatilityAsOf < slice.Oldest ? volatilityAsOf : slice.Oldest;

    public static bool IsStale(SheetMarket market, Instant oldest) => market.Valuation - oldest > market.Binding.Options.StaleAfter;

    /// <summary>Enters one priced trade.</summary>
    public void Cover(int slice, in Quote volatility, CoverageBuilder coverage)
    {
        if (slice != _slice || volatility.AsOf != _volatilityAsOf)
        {
            ref readonly var shared = ref market.Slices[slice];
            _slice = slice;
            _volatilityAsOf = volatility.AsOf;
            _oldest = Oldest(shared, volatility.AsOf);
            _newest = volatility.AsOf > shared.Newest ? volatility.AsOf : shared.Newest;
            _stale = IsStale(market, _oldest);
            coverage.Used(_oldest, _newest);
        }

        coverage.Priced(volatility.Status);
        if (_stale)
            coverage.Stale(_oldest, market.Valuation);
    }
}

using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>A trade that has no number, and why.</summary>
/// <param name="Trade">The trade.</param>
/// <param name="Reason">What is missing or wrong, with the factor's name where there is one.</param>
public sealed record TradeFailure(TradeId Trade, string Reason);

/// <summary>Stale trades that share the as-of time of their oldest deciding quote.</summary>
/// <param name="AsOf">As-of time of the oldest deciding quote.</param>
/// <param name="Trades">How many trades.</param>
/// <param name="AgeDays">Days of 24 hours from <paramref name="AsOf"/> to the valuation.</param>
public sealed record StaleGroup(Instant AsOf, int Trades, double AgeDays);

/// <summary>What a rollup covers: no gap is silent. Immutable.</summary>
public sealed class Coverage
{
    /// <summary>How many failures are kept by name; <see cref="Failed"/> counts all.</summary>
    public const int FailuresKept = 20;

    /// <summary>How many groups of stale trades are kept apart, the oldest first; the rest joins the last of them.</summary>
    public const int StaleGroupsKept = 20;

    /// <summary>No trades.</summary>
    public static Coverage Empty { get; } = new();

    /// <summary>Live trades: <see cref="Priced"/> plus <see cref="Failed"/>.</summary>
    public int Trades { get; init; }

    /// <summary>Trades with numbers.</summary>
    public int Priced { get; init; }

    /// <summary>Trades without numbers.</summary>
    public int Failed { get; init; }

    /// <summary>Priced trades whose oldest deciding quote is older than the limit; see <see cref="SheetMarket"/>.</summary>
    public int Stale { get; init; }

    /// <summary>The first <see cref="FailuresKept"/> failures by trade id.</summary>
    public ImmutableArray<TradeFailure> Failures { get; init; } = [];

    /// <summary>Priced trades per status of their volatility quote.</summary>
    public ImmutableSortedDictionary<string, int> QuoteStatus { get; init; } = ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>Stale trades by the as-of time of their oldest deciding quote, the oldest first, at most <see cref="StaleGroupsKept"/>.</summary>
    public ImmutableArray<StaleGroup> StaleGroups { get; init; } = [];

    /// <summary>As-of time of the oldest deciding quote of a priced trade; null when none is priced.</summary>
    public Instant? OldestQuote { get; init; }

    /// <summary>As-of time of the newest deciding quote of a priced trade; null when none is priced.</summary>
    public Instant? NewestQuote { get; init; }

    /// <summary>The coverage of a node from that of its children. Their order does not matter.</summary>
    public static Coverage Combine(IEnumerable<Coverage> children)
    {
        var combined = new CoverageBuilder();
        foreach (var child in children)
            combined.Add(child);
        return combined.Build();
    }
}

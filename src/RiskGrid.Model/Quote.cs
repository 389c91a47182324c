using NodaTime;

namespace RiskGrid.Model;

/// <summary>How a quote came to be, as every place that shows a contract or a trade spells it.</summary>
/// <remarks>The vocabulary is documented in <c>docs/quote-status.md</c>.</remarks>
public static class QuoteStatus
{
    /// <summary>From a sound two-sided quote.</summary>
    public const string Ok = "ok";

    /// <summary>The mid lies below intrinsic value: no volatility exists; marked on the surface.</summary>
    public const string BelowIntrinsic = "below_intrinsic";

    /// <summary>Its own volatility misses the out-of-the-money smile by more than a spread; marked on the surface.</summary>
    public const string OffSmile = "off_smile";

    /// <summary>Nobody bids; marked on the surface, price capped at the ask.</summary>
    public const string ZeroBid = "zero_bid";

    /// <summary>The bid is above the ask; marked on the surface.</summary>
    public const string Crossed = "crossed";

    /// <summary>No bid and no ask; marked on the surface.</summary>
    public const string NoQuote = "no_quote";

    /// <summary>All of them, in the order in which tables show them.</summary>
    public static IReadOnlyList<string> All { get; } = [Ok, BelowIntrinsic, OffSmile, ZeroBid, Crossed, NoQuote];
}

/// <summary>A factor's value with its own as-of time.</summary>
/// <param name="Value">In the unit of the factor's class; always finite.</param>
/// <param name="AsOf">When the value was observed.</param>
/// <param name="Status">One of <see cref="QuoteStatus"/>.</param>
public readonly record struct Quote(double Value, Instant AsOf, string Status)
{
    /// <summary>False for the default value, which stands for "no quote".</summary>
    public bool Exists => Status is not null;
}

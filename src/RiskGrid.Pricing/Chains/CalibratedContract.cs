using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Chains;

/// <summary>One contract of a calibrated chain: its quote, its status, and the volatility and half-spread it is valued with.</summary>
public sealed record CalibratedContract
{
    /// <summary>The exchange's contract symbol.</summary>
    public required string Contract { get; init; }

    /// <summary>What is traded.</summary>
    public required EuropeanOption Option { get; init; }

    /// <summary>The slice it belongs to.</summary>
    public required CalibratedSlice Slice { get; init; }

    /// <summary>Bid in price points; zero when nobody bids.</summary>
    public required double Bid { get; init; }

    /// <summary>Ask in price points; zero when nobody offers.</summary>
    public required double Ask { get; init; }

    /// <summary>Middle of bid and ask in price points, a missing bid counting as zero; NaN without an ask.</summary>
    public required double Mid { get; init; }

    /// <summary>One of <see cref="QuoteStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>The mid's own Black volatility; NaN where there is none.</summary>
    public required double OwnVolatility { get; init; }

    /// <summary>The volatility it is valued with: its own when <c>ok</c>, else the surface's.</summary>
    public required double MarkedVolatility { get; init; }

    /// <summary>Discounted price at <see cref="MarkedVolatility"/>, in price points.</summary>
    public required double MarkedPrice { get; init; }

    /// <summary>Half of the bid-ask spread in price points, by the rules of <c>docs/quote-status.md</c>.</summary>
    public required double HalfSpread { get; init; }

    /// <summary>Contracts outstanding; zero where the file is blank.</summary>
    public required double OpenInterest { get; init; }

    /// <summary>True where the file gives no open interest.</summary>
    public required bool OpenInterestBlank { get; init; }

    /// <summary>When it last traded; null where unknown.</summary>
    public required Instant? LastTrade { get; init; }
}

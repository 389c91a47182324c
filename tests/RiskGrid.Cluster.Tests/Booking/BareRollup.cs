using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>A rollup without what tells when and by whom it was computed: the rest must be the same to the bit wherever it is computed.</summary>
internal static class BareRollup
{
    public static Rollup Of(Rollup rollup)
    {
        var bare = rollup.Clone();
        bare.Version = 0;
        bare.AsOf = Bare(bare.AsOf);
        if (bare.Tail is { } tail)
            tail.AsOf = Bare(tail.AsOf);
        return bare;
    }

    // The epoch and the sequence count what a server was sent.
    private static MarketPoint? Bare(MarketPoint? point) => point is null ? null : new MarketPoint { Market = point.Market, Valuation = point.Valuation };
}

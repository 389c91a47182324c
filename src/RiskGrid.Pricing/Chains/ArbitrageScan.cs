namespace RiskGrid.Pricing.Chains;

/// <summary>Counts static arbitrage that a trader could take at bid and ask.</summary>
/// <remarks>
/// Butterfly: three neighbouring strikes of one slice and one type, the middle one's bid above the line between the outer ones' asks.
/// Calendar: a contract's bid, over forward and discount factor, above the next slice's asks at the same moneyness; between two strikes
/// the line between their asks, which costs more than the option between them. P. Carr and D. B. Madan, A note on sufficient conditions
/// for no arbitrage, Finance Research Letters 2 (2005) p. 125.
/// </remarks>
internal static class ArbitrageScan
{
    // Rounding of prices is not arbitrage: price points.
    private const double Rounding = 1e-9;

    /// <summary>In the quotes as they came: contracts with a bid and an ask.</summary>
    public static ArbitrageCount Raw(IReadOnlyList<SliceQuotes> slices) =>
        Count(slices, (s, i) => s.Quotes[i].Bid > 0 && s.Quotes[i].Ask > 0, (s, i) => s.Quotes[i].Bid, (s, i) => s.Quotes[i].Ask);

    /// <summary>In the marked prices, each with its half spread on both sides: all contracts.</summary>
    public static ArbitrageCount Marked(IReadOnlyList<SliceQuotes> slices) =>
        Count(slices, (_, _) => true, (s, i) => s.MarkedPrices[i] - s.HalfSpreads[i], (s, i) => s.MarkedPrices[i] + s.HalfSpreads[i]);

    private static ArbitrageCount Count(
        IReadOnlyList<SliceQuotes> slices,
        Func<SliceQuotes, int, bool> counts,
        Func<SliceQuotes, int, double> bid,
        Func<SliceQuotes, int, double> ask)
    {
        int butterflies = 0, calendars = 0;
        foreach (var side in (ReadOnlySpan<Kernels.OptionSide>)[Kernels.OptionSide.Put, Kernels.OptionSide.Call])
        {
            Ladder? before = null;
            foreach (var slice in slices)
            {
                var chosen = new List<int>();
                for (var i = 0; i < slice.Count; i++)
                {
                    if (slice.Sides[i] == side && counts(slice, i))
                        chosen.Add(i);
                }

                var ladder = new Ladder(
                    chosen.Select(i => slice.Moneyness[i]).ToArray(),
                    chosen.Select(i => bid(slice, i)).ToArray(),
                    chosen.Select(i => ask(slice, i)).ToArray(),
                    slice.Forward * slice.Discount);
                butterflies += Butterflies(ladder);
                if (before is not null)
                    calendars += Calendars(before, ladder);
                before = ladder;
            }
        }

        return new ArbitrageCount(butterflies, calendars);
    }

    private static int Butterflies(Ladder ladder)
    {
        var count = 0;
        for (var i = 1; i + 1 < ladder.Moneyness.Length; i++)
        {
            if (ladder.Bids[i] > ladder.LineOfAsks(i - 1, i + 1, ladder.Moneyness[i]) + Rounding)
                count++;
        }

        return count;
    }

    private static int Calendars(Ladder early, Ladder late)
    {
        var count = 0;
        var right = 0;
        for (var i = 0; i < early.Moneyness.Length; i++)
        {
            var strike = early.Moneyness[i];
            while (right < late.Moneyness.Length && late.Moneyness[right] < strike)
                right++;
            if (right == late.Moneyness.Length || (right == 0 && late.Moneyness[0] > strike))
                continue;
            var left = late.Moneyness[right] == strike ? right : right - 1;
            if (early.Bids[i] / early.Unit > (late.LineOfAsks(left, right, strike) + Rounding) / late.Unit)
                count++;
        }

        return count;
    }

    /// <summary>The contracts of one slice and one type, in order of strike. Unit is what one of forward and discount is worth.</summary>
    private sealed record Ladder(double[] Moneyness, double[] Bids, double[] Asks, double Unit)
    {
        public double LineOfAsks(int left, int right, double strike)
        {
            if (left == right)
                return Asks[left];
            var share = (strike - Moneyness[left]) / (Moneyness[right] - Moneyness[left]);
            return ((1 - share) * Asks[left]) + (share * Asks[right]);
        }
    }
}

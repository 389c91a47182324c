using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Pricing.Smiles;

namespace RiskGrid.Pricing.Chains;

/// <summary>Gives every contract of a slice its final status, volatility, price and half spread.</summary>
internal static class ContractMarking
{
    // The neighbours in strike whose spreads stand in for one that is missing.
    private const int Neighbours = 5;

    public static void Mark(SliceQuotes slice, VolatilitySurface surface)
    {
        var smile = new double[slice.Count];
        surface.Volatility(slice.Time, slice.Moneyness, smile);
        var smilePrices = slice.Prices(smile);
        var asks = Array.ConvertAll(slice.Quotes, q => q.Ask);
        var askVolatility = slice.ImpliedVolatility(asks);
        for (var i = 0; i < slice.Count; i++)
        {
            if (!double.IsNaN(slice.OwnVolatility[i]) && Math.Abs(slice.Mids[i] - smilePrices[i]) > 2 * slice.QuotedHalfSpread(i))
                slice.Status[i] = QuoteStatus.OffSmile;
            slice.MarkedVolatility[i] = slice.Status[i] switch
            {
                QuoteStatus.Ok => slice.OwnVolatility[i],
                QuoteStatus.ZeroBid when smilePrices[i] > asks[i] && askVolatility.Status[i] == ElementStatus.Ok => askVolatility.Volatility[i],
                _ => smile[i],
            };
        }

        slice.Prices(slice.MarkedVolatility).CopyTo(slice.MarkedPrices, 0);
        for (var i = 0; i < slice.Count; i++)
            slice.HalfSpreads[i] = HalfSpread(slice, i);
    }

    private static double HalfSpread(SliceQuotes slice, int i)
    {
        var quote = slice.Quotes[i];
        if (slice.IsTwoSided(i))
            return 0.5 * (quote.Ask - quote.Bid);
        if (quote.Ask > 0 && quote.Bid <= 0)
            return 0.5 * quote.Ask;
        var nearest = Enumerable.Range(0, slice.Count)
            .Where(j => slice.Sides[j] == slice.Sides[i] && slice.IsTwoSided(j))
            .OrderBy(j => Math.Abs(slice.Strikes[j] - slice.Strikes[i]))
            .ThenBy(j => j)
            .Take(Neighbours)
            .Select(slice.QuotedHalfSpread)
            .Order()
            .ToArray();
        var typical = nearest.Length == 0 ? slice.MarkedPrices[i] : nearest[nearest.Length / 2];
        return Math.Min(typical, slice.MarkedPrices[i]);
    }
}

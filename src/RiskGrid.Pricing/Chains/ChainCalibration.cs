using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Model;
using RiskGrid.Pricing.Smiles;

namespace RiskGrid.Pricing.Chains;

/// <summary>How far a calibration has come.</summary>
/// <param name="Stage">What is being done: <c>parity</c>, <c>smiles</c> or <c>marking</c>.</param>
/// <param name="Done">Slices done in this stage.</param>
/// <param name="Total">Slices in all.</param>
public readonly record struct CalibrationProgress(string Stage, int Done, int Total);

/// <summary>Calibrates a whole chain: curve, forwards, spot, smiles, statuses and marks. The method and its sources:
/// <c>docs/calibration.md</c>.</summary>
public static class ChainCalibration
{
    /// <summary>Calibrates <paramref name="chain"/> as of an instant.</summary>
    /// <param name="chain">The quotes.</param>
    /// <param name="asOf">When they were taken; times to expiry run from here.</param>
    /// <param name="progress">Told after each slice of each stage; may be null.</param>
    /// <remarks>Runs on the calling thread alone and reads neither clock nor random numbers: equal input gives equal bits.</remarks>
    /// <exception cref="ValidationException">No slice has enough pairs for a forward, or none has enough quotes for a smile.</exception>
    public static CalibratedChain Calibrate(OptionChain chain, Instant asOf, IProgress<CalibrationProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var slices = Group(chain, asOf, out var expired);
        var terms = CarryTerms.Fit(slices, progress);
        var named = ImmutableArray.CreateBuilder<NamedSlice>();
        for (var i = 0; i < slices.Count; i++)
        {
            slices[i].Imply(terms.Forwards[i], terms.Discounts[i]);
            if (terms.CarryInterpolated[i])
            {
                var pairs = $"{terms.Pairs[i]} pairs of call and put, {ParityFit.LeastPairs} are needed";
                named.Add(new NamedSlice(slices[i].Name, $"{pairs}: forward from the carry of its neighbours"));
            }
        }

        var smiles = new SliceSmile?[slices.Count];
        SliceSmile? before = null;
        for (var i = 0; i < slices.Count; i++)
        {
            smiles[i] = SmileFit.Through(slices[i].OutOfTheMoney(), before);
            before = smiles[i] ?? before;
            if (smiles[i] is null)
            {
                var quotes = $"fewer than {SmileFit.LeastQuotes} sound out-of-the-money quotes";
                named.Add(new NamedSlice(slices[i].Name, $"{quotes}: smile from its neighbours"));
            }

            progress?.Report(new CalibrationProgress("smiles", i + 1, slices.Count));
        }

        var surface = new VolatilitySurface(smiles.OfType<SliceSmile>());
        var marked = new List<CalibratedSlice>(slices.Count);
        var contracts = ImmutableArray.CreateBuilder<CalibratedContract>(chain.Quotes.Length);
        for (var i = 0; i < slices.Count; i++)
        {
            ContractMarking.Mark(slices[i], surface);
            marked.Add(terms.Describe(slices[i], i, surface.Skew(slices[i].Time), smiles[i] is null));
            contracts.AddRange(Contracts(slices[i], marked[i]));
            progress?.Report(new CalibrationProgress("marking", i + 1, slices.Count));
        }

        return new CalibratedChain
        {
            SourceName = chain.SourceName,
            AsOf = asOf,
            Spot = terms.Carry.Spot,
            ZeroCurve = terms.Curve.Curve,
            ZeroTenors = [.. terms.Curve.Tenors],
            DiscountNoise = terms.Curve.Noise,
            Slices = [.. marked],
            Contracts = contracts.ToImmutable(),
            Surface = surface,
            NamedSlices = named.ToImmutable(),
            Quarantined = [.. chain.Quarantined, .. expired],
            ArbitrageBefore = ArbitrageScan.Raw(slices),
            ArbitrageAfter = ArbitrageScan.Marked(slices),
        };
    }

    private static List<SliceQuotes> Group(OptionChain chain, Instant asOf, out List<QuarantinedRow> expired)
    {
        expired = [];
        var slices = new List<SliceQuotes>();
        foreach (var group in chain.Quotes.GroupBy(q => q.Option.SliceName, StringComparer.Ordinal))
        {
            var time = group.First().Option.YearsToExpiry(asOf);
            if (time > 0)
                slices.Add(new SliceQuotes(group.Key, time, group));
            else
                expired.AddRange(group.Select(q => new QuarantinedRow(q.Line, ChainColumns.ExpirationName, $"{q.Contract} had expired at {asOf}")));
        }

        if (slices.Count == 0)
            throw new ValidationException("chain", $"{chain.SourceName} holds no live contract as of {asOf}");
        return slices.OrderBy(s => s.Time).ThenBy(s => s.Name, StringComparer.Ordinal).ToList();
    }

    private static IEnumerable<CalibratedContract> Contracts(SliceQuotes slice, CalibratedSlice described)
    {
        for (var i = 0; i < slice.Count; i++)
        {
            var quote = slice.Quotes[i];
            yield return new CalibratedContract
            {
                Contract = quote.Contract,
                Option = quote.Option,
                Slice = described,
                Bid = quote.Bid,
                Ask = quote.Ask,
                Mid = slice.Mids[i],
                Status = slice.Status[i],
                OwnVolatility = slice.OwnVolatility[i],
                MarkedVolatility = slice.MarkedVolatility[i],
                MarkedPrice = slice.MarkedPrices[i],
                HalfSpread = slice.HalfSpreads[i],
                OpenInterest = quote.OpenInterest ?? 0,
                OpenInterestBlank = quote.OpenInterest is null,
                LastTrade = quote.LastTrade,
            };
        }
    }
}

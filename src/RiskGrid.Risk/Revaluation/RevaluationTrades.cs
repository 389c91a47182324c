using System.Collections.Immutable;
using RiskGrid.Kernels;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>The trades of a sheet that a scenario set can revalue, in trade-id order and ready for the kernel, with their base values;
/// and the names of those that it can't. Immutable.</summary>
internal sealed class RevaluationTrades
{
    private readonly SliceResponse[] _slices;
    private readonly OptionSide[] _side;
    private readonly double[] _strike;
    private readonly double[] _volatility;
    private readonly double[] _rootTime;
    private readonly double[] _weight;
    private readonly double[] _baseValue;
    private readonly int[] _slice;

    public RevaluationTrades(SheetMarket market, ScenarioSet scenarios)
    {
        var section = market.Sheet.Europeans;
        var (slices, positions, reasons) = Respond(market, scenarios);
        _slices = slices;

        var missing = new List<(int Element, string Reason)>();
        var kept = new List<int>(section.Count);
        for (var element = 0; element < section.Count; element++)
        {
            if ((market.Failure(element) ?? reasons[section.Slice[element]]) is { } reason)
                missing.Add((element, reason));
            else
                kept.Add(element);
        }

        _side = new OptionSide[kept.Count];
        _strike = new double[kept.Count];
        _volatility = new double[kept.Count];
        _rootTime = new double[kept.Count];
        _weight = new double[kept.Count];
        _baseValue = new double[kept.Count];
        _slice = new int[kept.Count];
        for (var i = 0; i < kept.Count; i++)
        {
            var element = kept[i];
            _side[i] = section.Side[element];
            _strike[i] = section.Strike[element];
            _volatility[i] = market.Quotes[section.VolatilityFactor[element]].Value;
            _rootTime[i] = Math.Sqrt(market.Slices[section.Slice[element]].Time);
            _weight[i] = section.Quantity[element] * section.Multiplier[element];
            _slice[i] = positions[section.Slice[element]];
        }

        ComputeBaseValues();
        Count = DropUnbounded(kept, missing);
        MissingCount = missing.Count;
        Missing = [.. missing.OrderBy(m => m.Element)
            .Take(Coverage.FailuresKept)
            .Select(m => new TradeFailure(market.Sheet.Trades[section.Ordinal[m.Element]], m.Reason))];
    }

    /// <summary>How many trades can be revalued.</summary>
    public int Count { get; }

    public int MissingCount { get; }

    public ImmutableArray<TradeFailure> Missing { get; }

    /// <summary>The slices that the set moves; rows of a scenario market.</summary>
    public ReadOnlySpan<SliceResponse> Slices => _slices;

    public ScenarioTrades All() => Range(0, Count, _baseValue);

    private static (SliceResponse[] Slices, int[] Positions, string?[] Reasons) Respond(SheetMarket market, ScenarioSet scenarios)
    {
        var slices = new List<SliceResponse>();
        var positions = new int[market.Slices.Length];
        var reasons = new string?[market.Slices.Length];
        for (var k = 0; k < positions.Length; k++)
        {
            positions[k] = slices.Count;
            if (SliceResponse.Create(market, k, scenarios, out reasons[k]) is { } response)
                slices.Add(response);
        }

        return ([.. slices], positions, reasons);
    }

    // One trade and one unmoved scenario a call, with nothing to subtract: the very operations of a scenario, so a move of zero
    // revalues to the same bits.
    private void ComputeBaseValues()
    {
        var rows = _slices.Length;
        var forward = new double[rows];
        var discount = new double[rows];
        var multiplier = new double[rows];
        for (var k = 0; k < rows; k++)
            (forward[k], discount[k], multiplier[k]) = _slices[k].Base();
        var market = new ScenarioMarket { Slices = rows, Count = 1, Forward = forward, Discount = discount, VolatilityMultiplier = multiplier };
        Span<double> nothing = [0.0];
        for (var i = 0; i < _strike.Length; i++)
            ScenarioKernel.AccumulatePnl(Range(i, 1, nothing), market, _baseValue.AsSpan(i, 1));
    }

    // A position so large that its value overflows is named like any other that has no number.
    private int DropUnbounded(List<int> elements, List<(int Element, string Reason)> missing)
    {
        var count = 0;
        for (var i = 0; i < _strike.Length; i++)
        {
            if (!double.IsFinite(_baseValue[i]))
            {
                missing.Add((elements[i], "its value is beyond the range of double precision"));
                continue;
            }

            _side[count] = _side[i];
            _strike[count] = _strike[i];
            _volatility[count] = _volatility[i];
            _rootTime[count] = _rootTime[i];
            _weight[count] = _weight[i];
            _baseValue[count] = _baseValue[i];
            _slice[count] = _slice[i];
            count++;
        }

        return count;
    }

    private ScenarioTrades Range(int start, int count, ReadOnlySpan<double> baseValue) => new()
    {
        Side = _side.AsSpan(start, count),
        Strike = _strike.AsSpan(start, count),
        Volatility = _volatility.AsSpan(start, count),
        RootTime = _rootTime.AsSpan(start, count),
        Weight = _weight.AsSpan(start, count),
        BaseValue = baseValue[..count],
        Slice = _slice.AsSpan(start, count),
    };
}

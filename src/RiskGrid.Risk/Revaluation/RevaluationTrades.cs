using System.Collections.Immutable;
using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>The trades of a sheet that a scenario set can revalue, in trade-id order and ready for the kernel, with their base values;
/// and the names of those that it can't. Immutable.</summary>
internal sealed class RevaluationTrades
{
    private readonly SliceResponse[] _rows;
    private readonly OptionSide[] _side;
    private readonly double[] _strike;
    private readonly double[] _volatility;
    private readonly double[] _rootTime;
    private readonly double[] _weight;
    private readonly double[] _baseValue;
    private readonly int[] _row;

    public RevaluationTrades(SheetMarket market, ScenarioLayout layout)
    {
        var section = market.Sheet.Europeans;
        var table = new ResponseTable(market, layout);
        var missing = new List<(int Element, string Reason)>();
        var kept = new List<int>(section.Count);
        for (var element = 0; element < section.Count; element++)
        {
            if ((market.Failure(element) ?? table.Reason(section.Slice[element])) is { } reason)
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
        _row = new int[kept.Count];
        for (var i = 0; i < kept.Count; i++)
        {
            var element = kept[i];
            _side[i] = section.Side[element];
            _strike[i] = section.Strike[element];
            _volatility[i] = market.Quotes[section.VolatilityFactor[element]].Value;
            _rootTime[i] = Math.Sqrt(market.Slices[section.Slice[element]].Time);
            _weight[i] = section.Quantity[element] * section.Multiplier[element];
            _row[i] = table.RowOf(element);
        }

        _rows = table.Rows();
        ComputeBaseValues();
        Trades = DropUnbounded(market, kept, missing);
        MissingCount = missing.Count;
        Missing = [.. missing.OrderBy(m => m.Element)
            .Take(Coverage.FailuresKept)
            .Select(m => new TradeFailure(market.Sheet.Trades[section.Ordinal[m.Element]], m.Reason))];
        for (var i = 0; i < Count && !Adds; i++)
            Adds = AddsTo(i);
    }

    /// <summary>The trades that can be revalued.</summary>
    public ImmutableArray<TradeId> Trades { get; }

    public int Count => Trades.Length;

    public int MissingCount { get; }

    public ImmutableArray<TradeFailure> Missing { get; }

    /// <summary>The rows of a scenario market that the trades are priced on.</summary>
    public ReadOnlySpan<SliceResponse> Rows => _rows;

    /// <summary>True when the set adds to the volatility of some trade.</summary>
    public bool Adds { get; }

    /// <summary>True when the set adds to this trade's volatility.</summary>
    public bool AddsTo(int trade) => _rows[_row[trade]].Adds;

    public int RowOf(int trade) => _row[trade];

    public double Volatility(int trade) => _volatility[trade];

    public ScenarioTrades Range(int start, int count) => new()
    {
        Side = _side.AsSpan(start, count),
        Strike = _strike.AsSpan(start, count),
        Volatility = _volatility.AsSpan(start, count),
        RootTime = _rootTime.AsSpan(start, count),
        Weight = _weight.AsSpan(start, count),
        BaseValue = _baseValue.AsSpan(start, count),
        Slice = _row.AsSpan(start, count),
    };

    /// <summary>One trade of unit volatility on a market of one row, whose multiplier then is the volatility itself.</summary>
    public ScenarioTrades OfUnitVolatility(int trade, in ReadOnlySpan<double> unit, in ReadOnlySpan<int> firstRow) =>
        OfUnitVolatility(trade, unit, firstRow, _baseValue.AsSpan(trade, 1));

    private ScenarioTrades OfUnitVolatility(int trade, ReadOnlySpan<double> unit, ReadOnlySpan<int> firstRow, ReadOnlySpan<double> baseValue) => new()
    {
        Side = _side.AsSpan(trade, 1),
        Strike = _strike.AsSpan(trade, 1),
        Volatility = unit,
        RootTime = _rootTime.AsSpan(trade, 1),
        Weight = _weight.AsSpan(trade, 1),
        BaseValue = baseValue,
        Slice = firstRow,
    };

    // One trade and one unmoved scenario a call, with nothing to subtract: the very operations of a scenario, so a move of zero
    // revalues to the same bits.
    private void ComputeBaseValues()
    {
        ReadOnlySpan<double> nothing = [0.0];
        ReadOnlySpan<double> unit = [1.0];
        ReadOnlySpan<int> firstRow = [0];
        for (var i = 0; i < _strike.Length; i++)
        {
            var (forward, discount, multiplier) = _rows[_row[i]].Base();
            var market = new ScenarioMarket
            {
                Slices = 1, Count = 1, Forward = [forward], Discount = [discount], VolatilityMultiplier = [AddsTo(i) ? _volatility[i] * multiplier : multiplier],
            };
            var volatility = AddsTo(i) ? unit : _volatility.AsSpan(i, 1);
            ScenarioKernel.AccumulatePnl(OfUnitVolatility(i, volatility, firstRow, nothing), market, _baseValue.AsSpan(i, 1));
        }
    }

    // A position so large that its value overflows is named like any other that has no number.
    private ImmutableArray<TradeId> DropUnbounded(SheetMarket market, List<int> elements, List<(int Element, string Reason)> missing)
    {
        var trades = ImmutableArray.CreateBuilder<TradeId>(elements.Count);
        for (var i = 0; i < _strike.Length; i++)
        {
            if (!double.IsFinite(_baseValue[i]))
            {
                missing.Add((elements[i], "its value is beyond the range of double precision"));
                continue;
            }

            var count = trades.Count;
            _side[count] = _side[i];
            _strike[count] = _strike[i];
            _volatility[count] = _volatility[i];
            _rootTime[count] = _rootTime[i];
            _weight[count] = _weight[i];
            _baseValue[count] = _baseValue[i];
            _row[count] = _row[i];
            trades.Add(market.Sheet.Trades[market.Sheet.Europeans.Ordinal[elements[i]]]);
        }

        return trades.ToImmutable();
    }
}

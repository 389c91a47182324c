using System.Buffers;
using RiskGrid.Kernels;

namespace RiskGrid.Risk;

/// <summary>The markets of a sheet's rows in some scenarios, in pooled memory until disposed.</summary>
internal readonly ref struct ScenarioRows
{
    private static readonly double[] Unit = [1.0];
    private static readonly int[] FirstRow = [0];

    private readonly RevaluationTrades _trades;
    private readonly double[] _rented;
    private readonly int _rows;
    private readonly int _count;

    public ScenarioRows(RevaluationTrades trades, ScenarioBlock block, int start, int count)
    {
        _trades = trades;
        _count = count;
        _rows = trades.Rows.Length;
        _rented = ArrayPool<double>.Shared.Rent(((trades.Adds ? 4 : 3) * _rows * count) + (2 * count));
        for (var k = 0; k < _rows; k++)
        {
            trades.Rows[k].Fill(block, start, Scratch(0), Scratch(1), Row(0, k), Row(1, k), Row(2, k));
            if (trades.Adds)
                trades.Rows[k].FillAdditions(block, start, Row(3, k));
        }
    }

    /// <summary>Adds the P&amp;L of neighbouring trades, one after the other. A run of several holds none whose volatility is added to.</summary>
    public void Accumulate(int first, int run, Span<double> pnl)
    {
        if (_trades.AddsTo(first))
        {
            AccumulateAdded(first, pnl);
            return;
        }

        var market = new ScenarioMarket { Slices = _rows, Count = _count, Forward = Field(0), Discount = Field(1), VolatilityMultiplier = Field(2) };
        ScenarioKernel.AccumulatePnl(_trades.Range(first, run), market, pnl);
    }

    public void Dispose() => ArrayPool<double>.Shared.Return(_rented);

    private void AccumulateAdded(int trade, Span<double> pnl)
    {
        var row = _trades.RowOf(trade);
        var multiplier = Row(2, row);
        var addition = Row(3, row);
        var volatility = Scratch(0);
        var unmoved = _trades.Volatility(trade);
        for (var s = 0; s < _count; s++)
            volatility[s] = Math.Max(0, (unmoved * multiplier[s]) + addition[s]);
        var market = new ScenarioMarket { Slices = 1, Count = _count, Forward = Row(0, row), Discount = Row(1, row), VolatilityMultiplier = volatility };
        ScenarioKernel.AccumulatePnl(_trades.OfUnitVolatility(trade, Unit, FirstRow), market, pnl);
    }

    private Span<double> Field(int field) => _rented.AsSpan(field * _rows * _count, _rows * _count);

    private Span<double> Row(int field, int row) => _rented.AsSpan(((field * _rows) + row) * _count, _count);

    private Span<double> Scratch(int index) => _rented.AsSpan(((_trades.Adds ? 4 : 3) * _rows * _count) + (index * _count), _count);
}

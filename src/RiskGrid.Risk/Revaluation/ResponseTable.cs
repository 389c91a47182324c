using System.Globalization;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>The different answers of a sheet's options to a scenario set: one per slice, or several where shifts of volatilities reach
/// only some contracts of a slice. Rows of a scenario market.</summary>
internal sealed class ResponseTable
{
    private readonly SheetMarket _market;
    private readonly ScenarioLayout _layout;
    private readonly SliceResponse?[] _slices;
    private readonly string?[] _reasons;
    private readonly List<SliceResponse> _rows = [];
    private readonly Dictionary<(int Slice, string Shifts), int> _positions = [];

    public ResponseTable(SheetMarket market, ScenarioLayout layout)
    {
        _market = market;
        _layout = layout;
        _slices = new SliceResponse?[market.Slices.Length];
        _reasons = new string?[market.Slices.Length];
        for (var k = 0; k < _slices.Length; k++)
            _slices[k] = SliceResponse.Create(market, k, layout, out _reasons[k]);
    }

    /// <summary>Why the set can't move a slice; null when it can.</summary>
    public string? Reason(int slice) => _reasons[slice];

    /// <summary>The row of an option whose slice the set can move.</summary>
    public int RowOf(int element)
    {
        var section = _market.Sheet.Europeans;
        var slice = section.Slice[element];
        if (_layout.VolatilityShifts.IsEmpty)
            return RowOf(slice, []);
        return RowOf(slice, Shifts(_market.Binding.Factors[section.VolatilityFactor[element]]));
    }

    public SliceResponse[] Rows() => [.. _rows];

    private int RowOf(int slice, List<int> shifts)
    {
        var key = (slice, string.Join(',', shifts.Select(s => s.ToString(CultureInfo.InvariantCulture))));
        if (!_positions.TryGetValue(key, out var row))
        {
            _positions.Add(key, row = _rows.Count);
            _rows.Add(shifts.Count == 0 ? _slices[slice]! : _slices[slice]!.With(_layout, shifts));
        }

        return row;
    }

    private List<int> Shifts(Model.FactorName volatility)
    {
        var shifts = new List<int>();
        for (var s = 0; s < _layout.VolatilityShifts.Length; s++)
        {
            if (_layout.VolatilityShifts[s].Contracts.Matches(volatility))
                shifts.Add(s);
        }

        return shifts;
    }
}

using NodaTime.Text;
using RiskGrid.Kernels;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>The moves of some drivers from each row of a panel to the next: log returns ln(b/a) of prices, indices and FX rates, absolute
/// changes b − a of zero rates.</summary>
/// <remarks>A move is invalid when either level is blank or, for a log return, not above zero. A day with an invalid move of any driver is
/// invalid as a whole: a scenario is a joint move, and a filled-in one would be none that happened.</remarks>
internal sealed class DailyMoves
{
    private readonly HistoryPanel _panel;
    private readonly int[] _columns;
    private readonly ShiftKind[] _kinds;
    private readonly string?[] _invalid; // by row; null where the move into the row is valid

    public DailyMoves(HistoryPanel panel, FactorName[] drivers)
    {
        if (drivers.Length == 0)
            throw new ValidationException("drivers", "a scenario set needs at least one driver");
        _panel = panel;
        Drivers = drivers;
        _columns = drivers.Select(panel.Column).ToArray();
        _kinds = drivers.Select(ShiftKinds.Of).ToArray();
        _invalid = new string?[panel.Dates.Length];
        for (var row = 1; row < _invalid.Length; row++)
            _invalid[row] = Blank(row - 1) ?? Blank(row);
    }

    public FactorName[] Drivers { get; }

    /// <summary>Why the move into a row is invalid; null when it is valid.</summary>
    public string? Invalid(int row) => _invalid[row];

    /// <summary>Why a move that spans the rows from <paramref name="row"/> − <paramref name="span"/> on is invalid: the first invalid day in it.</summary>
    public string? Invalid(int row, int span)
    {
        for (var day = row - span + 1; day <= row; day++)
        {
            if (_invalid[day] is { } reason)
                return reason;
        }

        return null;
    }

    /// <summary>The move of one driver into a row from <paramref name="span"/> rows above.</summary>
    public double Move(int driver, int row, int span)
    {
        var before = _panel.Value(row - span, _columns[driver]);
        var after = _panel.Value(row, _columns[driver]);
        return _kinds[driver] == ShiftKind.LogReturn ? Elementary.Log(after / before) : after - before;
    }

    /// <summary>Why a driver's level in a row is of no use; null when it is sound.</summary>
    public string? Blank(int row)
    {
        for (var d = 0; d < _columns.Length; d++)
        {
            var level = _panel.Value(row, _columns[d]);
            if (double.IsNaN(level))
                return $"{Drivers[d]} is blank on {Day(row)}";
            if (_kinds[d] == ShiftKind.LogReturn && level <= 0)
                return $"{Drivers[d]} is {level:R} on {Day(row)}, which has no log return";
        }

        return null;
    }

    private string Day(int row) => LocalDatePattern.Iso.Format(_panel.Dates[row]);
}

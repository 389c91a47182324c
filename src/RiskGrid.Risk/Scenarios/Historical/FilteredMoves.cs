using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>One-day moves scaled to today's volatility by a <see cref="VolatilityFilter"/>, up to the last row of a window.</summary>
internal sealed class FilteredMoves
{
    private readonly double[] _moves; // [driver * rows + row]
    private readonly string?[] _unscaled;
    private readonly int _rows;

    public FilteredMoves(HistoryPanel panel, DailyMoves daily, int lastRow, VolatilityFilter filter)
    {
        var valid = Enumerable.Range(1, lastRow).Where(row => daily.Invalid(row) is null).ToArray();
        if (valid.Length <= filter.WarmUp)
        {
            throw new ValidationException(
                "filter.warm_up", $"{panel.SourceName} has {valid.Length} valid days up to the end of the window; a warm-up of {filter.WarmUp} leaves none");
        }

        _rows = lastRow + 1;
        FirstRow = valid[filter.WarmUp];
        _moves = new double[daily.Drivers.Length * _rows];
        _unscaled = new string?[_rows];
        var variances = new double[valid.Length];
        for (var d = 0; d < daily.Drivers.Length; d++)
        {
            var variance = 0.0;
            for (var i = 0; i < filter.WarmUp; i++)
                variance += Square(daily.Move(d, valid[i], 1)) / filter.WarmUp;
            for (var i = filter.WarmUp; i < valid.Length; i++)
            {
                variances[i] = variance;
                variance = (filter.Lambda * variance) + ((1 - filter.Lambda) * Square(daily.Move(d, valid[i], 1)));
            }

            for (var i = filter.WarmUp; i < valid.Length; i++)
            {
                var move = daily.Move(d, valid[i], 1);
                if (variances[i] > 0)
                    _moves[(d * _rows) + valid[i]] = move * Math.Sqrt(variance / variances[i]);
                else if (move != 0)
                    _unscaled[valid[i]] ??= $"{daily.Drivers[d]} never moved before {LocalDatePattern.Iso.Format(panel.Dates[valid[i]])}: there is no volatility to scale by";
            }
        }
    }

    /// <summary>The first row whose move is scaled: those before it warmed the filter up.</summary>
    public int FirstRow { get; }

    /// <summary>Why a valid move could not be scaled, within <paramref name="span"/> rows; null when all could.</summary>
    public string? Invalid(int row, int span)
    {
        for (var day = row - span + 1; day <= row; day++)
        {
            if (_unscaled[day] is { } reason)
                return reason;
        }

        return null;
    }

    /// <summary>The sum of the scaled one-day moves of a driver over <paramref name="span"/> rows.</summary>
    public double Move(int driver, int row, int span)
    {
        var move = 0.0;
        for (var day = row - span + 1; day <= row; day++)
            move += _moves[(driver * _rows) + day];
        return move;
    }

    private static double Square(double x) => x * x;
}

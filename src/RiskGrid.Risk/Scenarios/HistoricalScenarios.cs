using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Kernels;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Turns a history panel into scenarios: log returns ln(b/a) of prices, indices and FX rates, absolute changes b − a of zero
/// rates, between one row and the next.</summary>
/// <remarks>A move is invalid when either level is blank or, for a log return, not above zero. A day with an invalid move of any driver
/// is dropped and named: a scenario is a joint move, and a filled-in one would be none that happened.</remarks>
internal static class HistoricalScenarios
{
    private const string Generator = "historical";
    private const int Version = 1;

    public static HistoricalScenarioSet Generate(HistoryPanel panel, IEnumerable<FactorName> dependsOn)
    {
        var drivers = dependsOn.Distinct().Order().ToArray();
        if (drivers.Length == 0)
            throw new ValidationException("drivers", "a scenario set needs at least one driver");
        var columns = drivers.Select(panel.Column).ToArray();
        var kinds = drivers.Select(ShiftKinds.Of).ToArray();

        var used = new List<int>(panel.Dates.Length);
        var dropped = ImmutableArray.CreateBuilder<DroppedScenario>();
        var multiSession = 0;
        for (var row = 1; row < panel.Dates.Length; row++)
        {
            if (Invalid(panel, row, columns, kinds) is { } reason)
            {
                dropped.Add(new DroppedScenario(panel.Dates[row], reason));
                continue;
            }

            used.Add(row);
            if (NyseCalendar.SessionsBetween(panel.Dates[row - 1], panel.Dates[row]) > 1)
                multiSession++;
        }

        if (used.Count == 0)
            throw new ValidationException("drivers", $"no day of {panel.SourceName} has a valid move of every driver");
        var moves = new double[drivers.Length * used.Count];
        for (var d = 0; d < drivers.Length; d++)
            Moves(panel, used, columns[d], kinds[d], moves.AsSpan(d * used.Count, used.Count));
        return new HistoricalScenarioSet(
            Spec(panel, drivers), new ScenarioLayout(drivers), [.. used.Select(r => panel.Dates[r])], dropped.ToImmutable(), multiSession, moves);
    }

    private static string? Invalid(HistoryPanel panel, int row, int[] columns, ShiftKind[] kinds)
    {
        for (var d = 0; d < columns.Length; d++)
        {
            for (var at = row - 1; at <= row; at++)
            {
                var level = panel.Value(at, columns[d]);
                if (double.IsNaN(level))
                    return $"{panel.Factors[columns[d]]} is blank on {Day(panel.Dates[at])}";
                if (kinds[d] == ShiftKind.LogReturn && level <= 0)
                    return $"{panel.Factors[columns[d]]} is {level:R} on {Day(panel.Dates[at])}, which has no log return";
            }
        }

        return null;
    }

    private static void Moves(HistoryPanel panel, List<int> rows, int column, ShiftKind kind, Span<double> moves)
    {
        for (var s = 0; s < moves.Length; s++)
        {
            var before = panel.Value(rows[s] - 1, column);
            var after = panel.Value(rows[s], column);
            moves[s] = kind == ShiftKind.LogReturn ? Elementary.Log(after / before) : after - before;
        }
    }

    private static string Spec(HistoryPanel panel, FactorName[] drivers) => CanonicalJson.Write(json =>
    {
        json.WriteString("generator", Generator);
        json.WriteString("panel", panel.Hash);
        CanonicalJson.WriteShifts(json, drivers);
        json.WriteNumber("version", Version);
    });

    private static string Day(LocalDate date) => NodaTime.Text.LocalDatePattern.Iso.Format(date);
}

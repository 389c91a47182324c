using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Stretches of history, each replayed as one instantaneous move from its first close to its last. Immutable, thread-safe.</summary>
/// <remarks>A close that the panel lacks is the last one before it; a stretch that reaches beyond the panel is refused.</remarks>
public sealed class ReplayScenarioSet : ScenarioSet
{
    internal const string Generator = "replay";
    private const int Version = 1;

    private readonly ScenarioBlock _whole;

    private ReplayScenarioSet(string spec, ScenarioLayout layout, ImmutableArray<HistoricalWindow> windows, double[] moves)
        : base(spec, layout)
    {
        Windows = windows;
        _whole = new ScenarioBlock(layout, windows.Length, moves);
    }

    /// <summary>What each scenario replays.</summary>
    public ImmutableArray<HistoricalWindow> Windows { get; }

    /// <inheritdoc/>
    public override int Count => Windows.Length;

    internal override bool IsWhole => true;

    internal static ReplayScenarioSet Create(HistoryPanel panel, IEnumerable<FactorName> dependsOn, IEnumerable<HistoricalWindow> given)
    {
        var windows = given.ToImmutableArray();
        if (windows.IsEmpty)
            throw new ValidationException("windows", "there is nothing to replay");
        if (windows.GroupBy(w => w.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ValidationException("windows", $"two stretches are called '{twice.Key}'");
        var daily = new DailyMoves(panel, dependsOn.Distinct().Order().ToArray());
        var layout = new ScenarioLayout(daily.Drivers);
        var moves = new double[layout.Rows * windows.Length];
        for (var s = 0; s < windows.Length; s++)
        {
            var from = Row(panel, windows[s], windows[s].From);
            var to = Row(panel, windows[s], windows[s].To);
            if (to <= from)
                throw new ValidationException("windows", $"'{windows[s].Name}' spans no day of {panel.SourceName}");
            if ((daily.Blank(from) ?? daily.Blank(to)) is { } reason)
                throw new ValidationException("windows", $"'{windows[s].Name}' can't be replayed: {reason}");
            for (var d = 0; d < daily.Drivers.Length; d++)
                moves[(d * windows.Length) + s] = daily.Move(d, to, to - from);
        }

        return new ReplayScenarioSet(SpecOf(panel, daily.Drivers, windows), layout, windows, moves);
    }

    private protected override string Name(int scenario) => Windows[scenario].Name;

    private protected override ScenarioBlock Make(int first, int count) => count == Count ? _whole : _whole.Part(first, count);

    private static int Row(HistoryPanel panel, HistoricalWindow window, LocalDate day)
    {
        if (day < panel.Dates[0] || day > panel.Dates[^1])
        {
            throw new ValidationException(
                "windows",
                $"'{window.Name}' runs from {Day(window.From)} to {Day(window.To)}; {panel.SourceName} runs from {Day(panel.Dates[0])} to {Day(panel.Dates[^1])} only");
        }

        var row = panel.Dates.BinarySearch(day);
        return row >= 0 ? row : ~row - 1;
    }

    private static string SpecOf(HistoryPanel panel, FactorName[] drivers, ImmutableArray<HistoricalWindow> windows) => CanonicalJson.Write(json =>
    {
        json.WriteString("generator", Generator);
        json.WriteString("panel", panel.Hash);
        CanonicalJson.WriteShifts(json, drivers);
        json.WriteNumber("version", Version);
        json.WriteStartArray("windows");
        foreach (var window in windows)
        {
            json.WriteStartObject();
            CanonicalJson.WriteDate(json, "from", window.From);
            json.WriteString("name", window.Name);
            CanonicalJson.WriteDate(json, "to", window.To);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string Day(LocalDate date) => LocalDatePattern.Iso.Format(date);
}

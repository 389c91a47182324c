using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Turns a history panel into scenarios: the joint moves of all drivers over every window of rows, dropping and naming those with
/// an invalid day. See <see cref="DailyMoves"/> and <see cref="HistoricalOptions"/>.</summary>
internal static class HistoricalScenarios
{
    public const string Generator = "historical";

    // Without options a set is what it was before there were any.
    private const int Version = 1;
    private const int VersionWithOptions = 2;

    public static HistoricalScenarioSet Generate(HistoryPanel panel, IEnumerable<FactorName> dependsOn, HistoricalOptions options)
    {
        options.Check();
        var daily = new DailyMoves(panel, dependsOn.Distinct().Order().ToArray());
        var span = options.HorizonDays;
        var (first, last) = Window(panel, options);
        var filtered = options.Filter is { } filter ? new FilteredMoves(panel, daily, last, filter) : null;
        first = Math.Max(first, filtered is null ? span : filtered.FirstRow + span - 1);

        var used = new List<int>(panel.Dates.Length);
        var dropped = ImmutableArray.CreateBuilder<DroppedScenario>();
        var multiSession = 0;
        for (var row = first; row <= last; row++)
        {
            if ((daily.Invalid(row, span) ?? filtered?.Invalid(row, span)) is { } reason)
            {
                dropped.Add(new DroppedScenario(panel.Dates[row], reason));
                continue;
            }

            used.Add(row);
            if (NyseCalendar.SessionsBetween(panel.Dates[row - span], panel.Dates[row]) > span)
                multiSession++;
        }

        if (used.Count == 0)
            throw new ValidationException("drivers", $"no day of {panel.SourceName}{InWindow(options)} has a valid move of every driver");
        var moves = new double[daily.Drivers.Length * used.Count];
        for (var d = 0; d < daily.Drivers.Length; d++)
        {
            for (var s = 0; s < used.Count; s++)
                moves[(d * used.Count) + s] = filtered is null ? daily.Move(d, used[s], span) : filtered.Move(d, used[s], span);
        }

        return new HistoricalScenarioSet(
            Spec(panel, daily.Drivers, options),
            new ScenarioLayout(daily.Drivers),
            [.. used.Select(r => panel.Dates[r])],
            dropped.ToImmutable(),
            multiSession,
            moves,
            options.Decay is { } decay ? ExponentialWeights(used.Count, decay) : []);
    }

    private static (int First, int Last) Window(HistoryPanel panel, HistoricalOptions options)
    {
        var first = 1;
        while (first < panel.Dates.Length && panel.Dates[first] < options.From)
            first++;
        var last = panel.Dates.Length - 1;
        while (last >= first && panel.Dates[last] > options.To)
            last--;
        if (last >= first)
            return (first, last);
        throw new ValidationException(
            options.From is null && options.To is null ? "drivers" : "from",
            $"no move of {panel.SourceName} ends{InWindow(options)}: it runs from {Day(panel.Dates[0])} to {Day(panel.Dates[^1])}");
    }

    // Oldest first; summed from the smallest on.
    private static double[] ExponentialWeights(int count, double decay)
    {
        var weights = new double[count];
        weights[^1] = 1;
        for (var s = count - 2; s >= 0; s--)
            weights[s] = weights[s + 1] * decay;
        var total = 0.0;
        foreach (var weight in weights)
            total += weight;
        for (var s = 0; s < count; s++)
            weights[s] /= total;
        return weights;
    }

    private static string Spec(HistoryPanel panel, FactorName[] drivers, HistoricalOptions options) => CanonicalJson.Write(json =>
    {
        if (options.Decay is { } decay)
            json.WriteNumber("decay", decay);
        if (options.Filter is { } filter)
        {
            json.WriteStartObject("filter");
            json.WriteNumber("lambda", filter.Lambda);
            json.WriteNumber("warm_up", filter.WarmUp);
            json.WriteEndObject();
        }

        CanonicalJson.WriteDate(json, "from", options.From);
        json.WriteString("generator", Generator);
        if (options.HorizonDays != 1)
            json.WriteNumber("horizon_days", options.HorizonDays);
        json.WriteString("panel", panel.Hash);
        CanonicalJson.WriteShifts(json, drivers);
        CanonicalJson.WriteDate(json, "to", options.To);
        json.WriteNumber("version", options == new HistoricalOptions() ? Version : VersionWithOptions);
    });

    private static string InWindow(HistoricalOptions options) =>
        (options.From is { } from ? $" from {Day(from)}" : string.Empty) + (options.To is { } to ? $" to {Day(to)}" : string.Empty);

    private static string Day(LocalDate date) => LocalDatePattern.Iso.Format(date);
}

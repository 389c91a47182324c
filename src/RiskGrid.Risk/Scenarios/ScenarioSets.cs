using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Makes scenario sets from their specs.</summary>
public static class ScenarioSets
{
    /// <summary>The set whose <see cref="ScenarioSet.Spec"/> this is: the same scenarios to the bit.</summary>
    /// <param name="spec">The canonical JSON.</param>
    /// <param name="panelByHash">Finds the history panel with a hash; null when there is none. Not asked for sets that need none.</param>
    /// <exception cref="ValidationException">The text is no spec, is not canonical, is of a generator or version that this build does not have, or names a
    /// panel that is not found.</exception>
    public static ScenarioSet FromSpec(string spec, Func<string, HistoryPanel?> panelByHash)
    {
        ScenarioSet set;
        try
        {
            using var document = JsonDocument.Parse(spec);
            set = Read(new JsonPlace(document.RootElement, "$"), panelByHash);
        }
        catch (JsonException e)
        {
            throw new ValidationException("$", $"the spec is not JSON: {e.Message}");
        }

        return set.Spec == spec
            ? set
            : throw new ValidationException("$", $"the spec is not the canonical one of this build: it would be {set.Spec}");
    }

    private static ScenarioSet Read(JsonPlace spec, Func<string, HistoryPanel?> panelByHash)
    {
        var generator = spec.Get("generator");
        return generator.Text() switch
        {
            HistoricalScenarios.Generator => ScenarioSet.Historical(Panel(spec, panelByHash), Drivers(spec), Historical(spec)),
            MonteCarloScenarioSet.Generator => ScenarioSet.MonteCarlo(Panel(spec, panelByHash), Drivers(spec), MonteCarlo(spec)),
            ReplayScenarioSet.Generator => ScenarioSet.Replays(Panel(spec, panelByHash), Drivers(spec), spec.Get("windows").Items().Select(Window)),
            ExplicitScenarioSet.Generator => Explicit(spec),
            BumpScenarioSet.Generator => Bumps(spec),
            MaskedScenarios.Generator => Only(spec, panelByHash),
            var other => throw generator.Refusal($"this build has no generator '{other}'"),
        };
    }

    private static HistoricalOptions Historical(JsonPlace spec) => new()
    {
        From = Day(spec.Find("from")),
        To = Day(spec.Find("to")),
        HorizonDays = spec.Find("horizon_days")?.Integer() ?? 1,
        Decay = spec.Find("decay")?.Number(),
        Filter = spec.Find("filter") is { } filter ? new VolatilityFilter(filter.Get("lambda").Number(), filter.Get("warm_up").Integer()) : null,
    };

    private static MonteCarloOptions MonteCarlo(JsonPlace spec) => new()
    {
        Paths = spec.Get("paths").Integer(),
        Seed = spec.Get("seed").UnsignedInteger(),
        DegreesOfFreedom = spec.Find("degrees_of_freedom")?.Integer(),
        Antithetic = spec.Get("antithetic").Flag(),
        HorizonDays = spec.Get("horizon_days").Integer(),
        Decay = spec.Find("decay")?.Number(),
        From = Day(spec.Find("from")),
        To = Day(spec.Find("to")),
    };

    private static HistoricalWindow Window(JsonPlace window) => new(
        window.Get("name").Text(), Day(window.Get("from"))!.Value, Day(window.Get("to"))!.Value, string.Empty);

    private static ExplicitScenarioSet Explicit(JsonPlace spec)
    {
        var market = spec.Get("drivers").Items().ToDictionary(d => d.As(FactorName.Parse), _ => double.NaN);
        foreach (var (factor, level) in spec.Get("levels").Members())
            market[FactorName.Parse(factor)] = level.Number();
        return ExplicitScenarioSet.Create(
            spec.Get("name").Text(),
            spec.Get("scenarios").Items().Select(StressFileReader.Scenario),
            market,
            StressFileReader.Rules(spec.Get("rules")),
            again: true);
    }

    private static BumpScenarioSet Bumps(JsonPlace spec)
    {
        var drivers = Drivers(spec).ToImmutableArray();
        var steps = spec.Get("steps");
        FactorName Driver(JsonPlace index) => index.Integer() is var i && i >= 0 && i < drivers.Length ? drivers[i] : throw index.Refusal("there is no such driver");
        return new BumpScenarioSet(
            drivers,
            spec.Get("pairs").Items().Select(p => p.Items() is [var first, var second] ? (Driver(first), Driver(second)) : throw p.Refusal("a pair is two drivers")),
            new BumpSteps(steps.Get("price").Number(), steps.Get("volatility_index").Number(), steps.Get("zero_rate").Number()),
            StressFileReader.Rules(spec.Get("rules")));
    }

    private static ScenarioSet Only(JsonPlace spec, Func<string, HistoryPanel?> panelByHash)
    {
        var classes = FactorClassMask.None;
        foreach (var name in spec.Get("classes").Items())
            classes |= name.As(FactorClasses.Parse);
        return Read(spec.Get("of"), panelByHash).Only(classes);
    }

    private static IEnumerable<FactorName> Drivers(JsonPlace spec) => spec.Get("shifts").Items().Select(s => s.Get("factor").As(FactorName.Parse));

    private static HistoryPanel Panel(JsonPlace spec, Func<string, HistoryPanel?> panelByHash)
    {
        var hash = spec.Get("panel");
        return panelByHash(hash.Text()) ?? throw hash.Refusal($"there is no history panel with the hash {hash.Text()}");
    }

    private static LocalDate? Day(JsonPlace? place)
    {
        if (place is not { } day)
            return null;
        return LocalDatePattern.Iso.Parse(day.Text()) is { Success: true } date ? date.Value : throw day.Refusal("not a day such as 2008-10-15");
    }
}

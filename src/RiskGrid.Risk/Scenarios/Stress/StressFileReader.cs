using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Reads the parts of a <see cref="StressFile"/>.</summary>
internal static class StressFileReader
{
    public static StressFile Read(JsonPlace file)
    {
        file.Knows("name", "description", "rules", "scenarios", "ladders", "matrices");
        var name = Name(file);
        var rules = file.Find("rules") is { } spelled ? Rules(spelled) : ScenarioRules.StickyStrike;
        var scenarios = (file.Find("scenarios")?.Items() ?? []).Select(Scenario).ToList();
        var grids = ImmutableArray.CreateBuilder<(StressGrid, int)>();
        foreach (var grid in (file.Find("ladders")?.Items() ?? []).Select(Ladder).Concat((file.Find("matrices")?.Items() ?? []).Select(Matrix)))
        {
            grids.Add((grid, scenarios.Count));
            scenarios.AddRange(grid.Scenarios());
        }

        if (scenarios.Count == 0)
            throw file.Refusal("there is no scenario: give scenarios, ladders or matrices");
        var all = scenarios.ToImmutableArray();
        try
        {
            ShockChecks.Check(name, all);
        }
        catch (ValidationException refusal)
        {
            throw file.Refusal(refusal.Reason);
        }

        return new StressFile(name, rules, all, grids.ToImmutable());
    }

    public static NamedScenario Scenario(JsonPlace place)
    {
        place.Knows("name", "description", "shocks");
        return new NamedScenario(Name(place), [.. place.Get("shocks").Items().Select(Shock)])
        {
            Description = place.Find("description")?.Text() ?? string.Empty,
        };
    }

    public static ScenarioRules Rules(JsonPlace place) => ScenarioRulesNames.Parse(place.Text())
        ?? throw place.Refusal("rules are sticky_strike or vix_constant_moneyness");

    private static Shock Shock(JsonPlace place)
    {
        place.Knows("selector", "kind", "value", "tenors");
        var selector = place.Get("selector").As(FactorSelector.Parse);
        var kind = Kind(place.Get("kind"));
        if (place.Find("tenors") is not { } tenors)
            return new Shock(selector, kind, place.Get("value").Number());
        if (place.Find("value") is { } value)
            throw value.Refusal("a shock has either a value or tenors");
        if (selector.Class != FactorClass.Zero)
            throw tenors.Refusal($"only zero rates move by tenor, not {selector}");
        var points = tenors.Members().Select(m => new CurvePoint(Tenor(m.Key, m.Value), m.Value.Number())).ToImmutableArray();
        return points.IsEmpty ? throw tenors.Refusal("there is no tenor") : new Shock(selector, kind, 0) { Points = points };
    }

    private static string Tenor(string text, JsonPlace place)
    {
        try
        {
            Model.Tenor.Years(text);
            return text;
        }
        catch (ValidationException refusal)
        {
            throw place.Refusal(refusal.Reason);
        }
    }

    private static StressGrid Ladder(JsonPlace place)
    {
        place.Knows("name", "selectors", "kind", "values");
        return new StressGrid(Name(place), Axis(place));
    }

    private static StressGrid Matrix(JsonPlace place)
    {
        place.Knows("name", "rows", "columns");
        place.Get("rows").Knows("selectors", "kind", "values");
        place.Get("columns").Knows("selectors", "kind", "values");
        return new StressGrid(Name(place), Axis(place.Get("rows")), Axis(place.Get("columns")));
    }

    private static StressAxis Axis(JsonPlace place)
    {
        var selectors = place.Get("selectors").Items().Select(i => i.As(FactorSelector.Parse)).ToImmutableArray();
        var values = place.Get("values").Items().Select(i => i.Number()).ToImmutableArray();
        if (selectors.IsEmpty)
            throw place.Get("selectors").Refusal("there is no selector");
        if (values.IsEmpty)
            throw place.Get("values").Refusal("there is no value");
        for (var i = 0; i < values.Length; i++)
        {
            if (values.IndexOf(values[i]) != i)
                throw place.Get("values").Refusal($"{values[i]:R} comes twice");
        }

        return new StressAxis(selectors, Kind(place.Get("kind")), values);
    }

    private static string Name(JsonPlace place) =>
        place.Get("name") is var name && name.Text().Trim() is { Length: > 0 } text ? text : throw name.Refusal("the name is empty");

    private static ShockKind Kind(JsonPlace place) => place.Text() switch
    {
        "relative" => ShockKind.Relative,
        "absolute" => ShockKind.Absolute,
        _ => throw place.Refusal("a kind is relative or absolute"),
    };
}

using System.Collections.Immutable;
using System.Text.Json;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Scenarios that somebody made up: shocks, ladders, matrices. Factors that no shock names stand still. Immutable, thread-safe.</summary>
/// <remarks>
/// A shocked scenario is the market with the selected quotes moved: spot, FX rates and pillars by level; zero curves rebuilt from all their
/// pillars, and a curve without shocked pillars of its own (<c>USD-SPX</c>) moved like that of its currency, linear between the pillars;
/// volatilities multiplied first, then added to, with a floor of zero.
/// </remarks>
public sealed class ExplicitScenarioSet : ScenarioSet
{
    /// <summary>The most scenarios of one set.</summary>
    public const int MostScenarios = 100_000;

    internal const string Generator = "explicit";
    private const int Version = 1;

    private readonly ScenarioBlock _whole;

    private ExplicitScenarioSet(string spec, ScenarioLayout layout, string name, ImmutableArray<NamedScenario> scenarios, double[] moves)
        : base(spec, layout)
    {
        SetName = name;
        Scenarios = scenarios;
        _whole = new ScenarioBlock(layout, scenarios.Length, moves);
    }

    /// <summary>The name of the set.</summary>
    public string SetName { get; }

    /// <summary>The scenarios as they were given.</summary>
    public ImmutableArray<NamedScenario> Scenarios { get; }

    /// <inheritdoc/>
    public override int Count => Scenarios.Length;

    internal override bool IsWhole => true;

    /// <summary>Resolves shocks against a market.</summary>
    /// <param name="name">Names the set.</param>
    /// <param name="given">The scenarios.</param>
    /// <param name="market">Level of every factor of the market.</param>
    /// <param name="rules">How volatilities answer to what the shocks do not say.</param>
    /// <param name="again">True when the set is made again from its spec, which lists no volatilities.</param>
    internal static ExplicitScenarioSet Create(
        string name, IEnumerable<NamedScenario> given, IReadOnlyDictionary<FactorName, double> market, ScenarioRules rules, bool again = false)
    {
        var scenarios = given.ToImmutableArray();
        ShockChecks.Check(name, scenarios);
        var resolver = new ShockResolver(market);
        var drivers = new SortedSet<FactorName>();
        var shifts = new SortedSet<(string Selector, VolatilityShiftKind Kind)>();
        foreach (var (shock, where) in Shocks(scenarios))
        {
            if (shock.Selector.Class == FactorClass.Volatility)
            {
                if (!again && !resolver.SelectsVolatility(shock.Selector))
                    throw Unmatched(where);
                shifts.Add((shock.Selector.Text, KindOf(shock)));
                continue;
            }

            var selected = resolver.Select(shock.Selector);
            if (selected.Length == 0)
                throw Unmatched(where);
            foreach (var factor in selected)
                drivers.UnionWith(resolver.WithCurve(factor));
        }

        var layout = new ScenarioLayout(
            drivers, rules, [.. shifts.Select(s => new VolatilityShift(FactorSelector.Parse(s.Selector), s.Kind))], othersStandStill: true);
        var moves = new double[layout.Rows * scenarios.Length];
        for (var s = 0; s < scenarios.Length; s++)
            Resolve(scenarios[s], s, scenarios.Length, resolver, layout, moves);
        var levels = resolver.LevelsUsed.Select(f => KeyValuePair.Create(f, market[f]));
        return new ExplicitScenarioSet(SpecOf(name, rules, layout.Drivers, levels, scenarios), layout, name, scenarios, moves);
    }

    private protected override string Name(int scenario) => Scenarios[scenario].Name;

    private protected override ScenarioBlock Make(int first, int count) => count == Count ? _whole : _whole.Part(first, count);

    private static void Resolve(NamedScenario scenario, int s, int count, ShockResolver resolver, ScenarioLayout layout, double[] moves)
    {
        foreach (var shock in scenario.Shocks)
        {
            var where = Where(scenario, shock);
            if (shock.Selector.Class == FactorClass.Volatility)
            {
                var shift = layout.VolatilityShifts.IndexOf(new VolatilityShift(shock.Selector, KindOf(shock)));
                moves[(layout.ShiftRow(shift) * count) + s] += shock.Kind == ShockKind.Relative ? ShockResolver.LogOf(1 + shock.Value, shock.Selector, where) : shock.Value;
                continue;
            }

            foreach (var factor in resolver.Select(shock.Selector))
            {
                ref var move = ref moves[(layout.IndexOf(factor) * count) + s];
                move = resolver.Apply(move, factor, shock, where);
                if (!double.IsFinite(move))
                    throw new ValidationException("shocks", $"{where} moves {factor} beyond the range of double precision");
            }
        }
    }

    private static IEnumerable<(Shock Shock, string Where)> Shocks(ImmutableArray<NamedScenario> scenarios) =>
        scenarios.SelectMany(s => s.Shocks.Select(shock => (shock, Where(s, shock))));

    private static string Where(NamedScenario scenario, Shock shock) => $"the shock of {shock.Selector} in scenario '{scenario.Name}'";

    private static VolatilityShiftKind KindOf(Shock shock) =>
        shock.Kind == ShockKind.Relative ? VolatilityShiftKind.LogMultiplier : VolatilityShiftKind.Absolute;

    private static ValidationException Unmatched(string where) => new("selector", $"{where} matches no factor of the market");

    private static string SpecOf(
        string name, ScenarioRules rules, ImmutableArray<FactorName> drivers, IEnumerable<KeyValuePair<FactorName, double>> levels, ImmutableArray<NamedScenario> scenarios) =>
        CanonicalJson.Write(json =>
        {
            json.WriteStartArray("drivers");
            foreach (var driver in drivers)
                json.WriteStringValue(driver.Value);
            json.WriteEndArray();
            json.WriteString("generator", Generator);
            json.WriteStartObject("levels");
            foreach (var (factor, level) in levels)
                json.WriteNumber(factor.Value, level);
            json.WriteEndObject();
            json.WriteString("name", name);
            json.WriteString("rules", ScenarioRulesNames.Spelled(rules));
            json.WriteStartArray("scenarios");
            foreach (var scenario in scenarios)
                WriteScenario(json, scenario);
            json.WriteEndArray();
            json.WriteNumber("version", Version);
        });

    private static void WriteScenario(Utf8JsonWriter json, NamedScenario scenario)
    {
        json.WriteStartObject();
        json.WriteString("name", scenario.Name);
        json.WriteStartArray("shocks");
        foreach (var shock in scenario.Shocks)
        {
            json.WriteStartObject();
            json.WriteString("kind", shock.Kind == ShockKind.Relative ? "relative" : "absolute");
            json.WriteString("selector", shock.Selector.Text);
            if (!shock.Points.IsEmpty)
            {
                json.WriteStartObject("tenors");
                foreach (var point in shock.Points.OrderBy(p => p.Tenor, StringComparer.Ordinal))
                    json.WriteNumber(point.Tenor, point.Value);
                json.WriteEndObject();
            }
            else
            {
                json.WriteNumber("value", shock.Value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}

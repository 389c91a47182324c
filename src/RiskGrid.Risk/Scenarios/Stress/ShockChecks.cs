using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>What any list of made-up scenarios must keep to, whatever the market.</summary>
internal static class ShockChecks
{
    public static void Check(string name, ImmutableArray<NamedScenario> scenarios)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ValidationException("name", "a set of scenarios needs a name");
        if (scenarios.Length is 0 or > ExplicitScenarioSet.MostScenarios)
            throw new ValidationException("scenarios", $"a set holds 1 to {ExplicitScenarioSet.MostScenarios} scenarios, not {scenarios.Length}");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var scenario in scenarios)
        {
            if (string.IsNullOrWhiteSpace(scenario.Name))
                throw new ValidationException("scenarios", "a scenario has no name");
            if (!names.Add(scenario.Name))
                throw new ValidationException("scenarios", $"two scenarios are called '{scenario.Name}'");
            foreach (var shock in scenario.Shocks)
                Check(shock, $"the shock of {shock.Selector} in scenario '{scenario.Name}'");
        }
    }

    private static void Check(Shock shock, string where)
    {
        var factorClass = shock.Selector.Class;
        if (factorClass is FactorClass.DividendYield or FactorClass.Skew or FactorClass.HalfSpread)
            throw new ValidationException("selector", $"{where}: such factors stand still in scenarios");
        if (!double.IsFinite(shock.Value))
            throw new ValidationException("value", $"{where} is not a finite number");
        if (shock.Points.IsEmpty)
            return;
        if (factorClass != FactorClass.Zero)
            throw new ValidationException("tenors", $"{where}: only zero rates move by tenor");
        var times = shock.Points.Select(p => Tenor.Years(p.Tenor)).Order().ToArray();
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] <= times[i - 1])
                throw new ValidationException("tenors", $"{where} names one tenor twice");
        }

        if (shock.Points.Any(p => !double.IsFinite(p.Value)))
            throw new ValidationException("tenors", $"{where} is not a finite number");
    }
}

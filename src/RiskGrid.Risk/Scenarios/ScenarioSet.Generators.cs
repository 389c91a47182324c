using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <content>The generators.</content>
public abstract partial class ScenarioSet
{
    /// <summary>One scenario a day of history: the joint move of all drivers from the row above. See <see cref="HistoricalScenarios"/>.</summary>
    /// <param name="panel">The history.</param>
    /// <param name="dependsOn">The drivers; a day is used only if every one of them has a valid move.</param>
    /// <exception cref="ValidationException">No driver, a driver that the panel lacks or that drives no scenario, or not one usable day.</exception>
    public static HistoricalScenarioSet Historical(HistoryPanel panel, IEnumerable<FactorName> dependsOn) =>
        HistoricalScenarios.Generate(panel, dependsOn);
}

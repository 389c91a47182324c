using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <content>The generators.</content>
public abstract partial class ScenarioSet
{
    /// <summary>Moves that happened, one scenario for each day on which one ends.</summary>
    /// <param name="panel">The history.</param>
    /// <param name="dependsOn">The drivers; a day is used only if every one of them has a valid move: levels that are there and, for a log
    /// return, above zero. Other days are dropped and named.</param>
    /// <param name="options">Window, horizon, weights and volatility filter; null for every day as it happened.</param>
    /// <exception cref="ValidationException">No driver, a driver that the panel lacks or that drives no scenario, an option out of range, or not
    /// one usable day.</exception>
    public static HistoricalScenarioSet Historical(HistoryPanel panel, IEnumerable<FactorName> dependsOn, HistoricalOptions? options = null) =>
        HistoricalScenarios.Generate(panel, dependsOn, options ?? new HistoricalOptions());

    /// <summary>Random joint moves, normal or Student-t, with the covariance of a history. See <see cref="MonteCarloScenarioSet"/>.</summary>
    /// <param name="panel">The history.</param>
    /// <param name="drivers">The drivers; a day of history counts only if every one of them has a valid move.</param>
    /// <param name="options">Paths, seed, distribution, and what the covariance is taken from.</param>
    /// <exception cref="ValidationException">No driver, a driver that the panel lacks or that drives no scenario, an option out of range, fewer
    /// than two usable days, or a covariance that is none.</exception>
    public static MonteCarloScenarioSet MonteCarlo(HistoryPanel panel, IEnumerable<FactorName> drivers, MonteCarloOptions options) =>
        MonteCarloScenarioSet.Create(panel, drivers, options);

    /// <summary>Stretches of history, each as one move: crises of <see cref="StressLibrary"/>, say.</summary>
    /// <param name="panel">The history.</param>
    /// <param name="drivers">The drivers; each needs a sound level at both ends of every stretch.</param>
    /// <param name="windows">The stretches.</param>
    /// <exception cref="ValidationException">No driver or no stretch, a driver that the panel lacks or that drives no scenario, a stretch beyond the
    /// panel, or a level that is blank or has no log return.</exception>
    public static ReplayScenarioSet Replays(HistoryPanel panel, IEnumerable<FactorName> drivers, IEnumerable<HistoricalWindow> windows) =>
        ReplayScenarioSet.Create(panel, drivers, windows);

    /// <summary>Made-up scenarios on a market: what no shock names stands still.</summary>
    /// <param name="name">Names the set.</param>
    /// <param name="scenarios">The scenarios, named apart.</param>
    /// <param name="market">What the selectors select from, and the levels that shocks are measured against where that matters.</param>
    /// <param name="rules">How volatilities answer to what the shocks do not say.</param>
    /// <exception cref="ValidationException">A selector matches nothing or what stands still in scenarios, a level would be zero or below, a name comes
    /// twice, or there is no scenario.</exception>
    public static ExplicitScenarioSet Explicit(
        string name, IEnumerable<NamedScenario> scenarios, MarketSnapshot market, ScenarioRules rules = ScenarioRules.StickyStrike) =>
        ExplicitScenarioSet.Create(name, scenarios, market.Quotes.ToDictionary(q => q.Key, q => q.Value.Value), rules);

    /// <summary>Bumps of the drivers, one by one and in pairs, for sensitivities.</summary>
    /// <param name="sheets">The sheets whose sensitivities are wanted: they say which drivers meet in an option.</param>
    /// <param name="drivers">The drivers.</param>
    /// <param name="steps">How far to bump; null for the default steps.</param>
    /// <param name="rules">How volatilities answer; those of the scenarios that the sensitivities are to stand for.</param>
    /// <exception cref="ValidationException">No driver, one that drives no scenario, or a step out of range.</exception>
    public static BumpScenarioSet Bumps(
        IEnumerable<SheetBinding> sheets,
        IEnumerable<FactorName> drivers,
        BumpSteps? steps = null,
        ScenarioRules rules = ScenarioRules.VixConstantMoneyness)
    {
        var distinct = drivers.Distinct().Order().ToArray();
        return new BumpScenarioSet(distinct, DriverPairs.Of(sheets, distinct), steps ?? new BumpSteps(), rules);
    }
}

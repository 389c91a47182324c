namespace RiskGrid.Risk;

/// <summary>How volatilities answer to a scenario; part of a set's hash. The other rules are the same for all sets, see
/// <see cref="PreparedSheet"/>.</summary>
public enum ScenarioRules
{
    /// <summary>σ' = σ·exp(b(T)·ΔlnVIX − κ·r): the volatility index is a constant-moneyness volatility, and −κ·r keeps the slide along the
    /// smile from counting twice. For moves that come from history.</summary>
    VixConstantMoneyness,

    /// <summary>σ' = σ·exp(b(T)·ΔlnVIX): each contract keeps its volatility while spot moves. For shocks that say themselves what volatility
    /// does.</summary>
    StickyStrike,
}

/// <summary>How <see cref="ScenarioRules"/> are spelled in specs and files.</summary>
internal static class ScenarioRulesNames
{
    public static string Spelled(ScenarioRules rules) => rules == ScenarioRules.StickyStrike ? "sticky_strike" : "vix_constant_moneyness";

    public static ScenarioRules? Parse(string? text) => text switch
    {
        "sticky_strike" => ScenarioRules.StickyStrike,
        "vix_constant_moneyness" => ScenarioRules.VixConstantMoneyness,
        _ => null,
    };
}

using System.Globalization;
using RiskGrid.Model;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>The scenario sets of a stress run: one leg for crises, one for custom shocks, one per ladder, one for the matrix.</summary>
internal static class StressLegs
{
    /// <summary>The leg of the crises.</summary>
    public const string Crises = "crises";

    /// <summary>The leg of custom shocks.</summary>
    public const string Custom = "custom";

    /// <summary>The leg of the spot × vol matrix.</summary>
    public const string Matrix = "matrix";

    private const string Everything = "*";
    private const string Spot = "spot";
    private const string Volatility = "volatility";

    /// <summary>The name of a ladder's leg.</summary>
    public static string Ladder(int index) => string.Create(CultureInfo.InvariantCulture, $"ladder-{index + 1}");

    /// <summary>The legs in order.</summary>
    /// <exception cref="ValidationException">History or market do not allow a scenario; the field is the spec's.</exception>
    public static IEnumerable<NamedScenarios> Of(StressSpec spec, RunMarket market)
    {
        if (spec.AllCrises || !spec.Crises.IsEmpty)
            yield return new NamedScenarios(Crises, Named("spec.stress.crises", () => Replay(spec, market)));
        if (spec.ScenariosJson.Length > 0)
            yield return new NamedScenarios(Custom, Named("spec.stress.scenarios_json", () => StressFile.Parse(spec.ScenariosJson).On(market.Snapshot)));
        for (var i = 0; i < spec.Ladders.Length; i++)
        {
            var (name, ladder) = (Ladder(i), spec.Ladders[i]);
            var grid = new StressGrid(name, Axis(ladder.Selector, ladder.Moves));
            yield return new NamedScenarios(name, Named("spec.stress.ladders", () => ScenarioSet.Explicit(name, grid.Scenarios(), market.Snapshot)));
        }

        if (spec.Matrix is { } matrix)
        {
            var grid = new StressGrid(Matrix, Axis(matrix.Selector, matrix.SpotMoves), Axis(Volatility, matrix.VolatilityMoves));
            yield return new NamedScenarios(Matrix, Named("spec.stress.matrix", () => ScenarioSet.Explicit(Matrix, grid.Scenarios(), market.Snapshot)));
        }
    }

    private static ReplayScenarioSet Replay(StressSpec spec, RunMarket market)
    {
        var windows = spec.AllCrises ? StressLibrary.Within(market.RequiredHistory) : [.. spec.Crises.SelectMany(c => StressLibrary.Find(c)).Distinct()];
        return windows.IsEmpty
            ? throw new ValidationException("crises", "none of the library lies within the history")
            : ScenarioSet.Replays(market.RequiredHistory, market.Drivers, windows.OrderBy(w => w.From).ThenBy(w => w.To).ThenBy(w => w.Name, StringComparer.Ordinal));
    }

    private static StressAxis Axis(string selector, IEnumerable<double> moves) =>
        StressAxis.Relative(string.Equals(selector, Everything, StringComparison.Ordinal) ? Spot : selector, moves);

    private static ScenarioSet Named(string field, Func<ScenarioSet> make)
    {
        try
        {
            return make();
        }
        catch (ValidationException e)
        {
            // The place in a shock file says more than the field alone.
            throw new ValidationException(e.Field.StartsWith('$') ? field + e.Field[1..] : field, e.Reason);
        }
    }
}

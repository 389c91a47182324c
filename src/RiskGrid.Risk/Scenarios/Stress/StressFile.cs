using System.Collections.Immutable;
using System.Text.Json;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>A file of made-up scenarios: shocks, ladders and matrices. The format is described in <c>docs/stress-scenarios.md</c>.</summary>
/// <param name="Name">The file's name for itself.</param>
/// <param name="Rules">How volatilities answer to what the shocks do not say; <see cref="ScenarioRules.StickyStrike"/> unless the file says otherwise.</param>
/// <param name="Scenarios">Every scenario: those given one by one, then those of the grids in order, row by row.</param>
/// <param name="Grids">The ladders and matrices, each with the position of its first scenario.</param>
public sealed record StressFile(
    string Name, ScenarioRules Rules, ImmutableArray<NamedScenario> Scenarios, ImmutableArray<(StressGrid Grid, int First)> Grids)
{
    private static readonly JsonDocumentOptions Reading = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="ValidationException">The text is no such file; the field is the place in the JSON: <c>$.scenarios[2].shocks[0].value</c>.</exception>
    public static StressFile Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Reading);
            return StressFileReader.Read(new JsonPlace(document.RootElement, "$"));
        }
        catch (JsonException e)
        {
            throw new ValidationException("$", $"not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message}");
        }
    }

    /// <summary>The file's scenarios on a market.</summary>
    /// <exception cref="ValidationException">A selector matches nothing, or a shock moves a level to zero or below.</exception>
    public ExplicitScenarioSet On(MarketSnapshot market) => ScenarioSet.Explicit(Name, Scenarios, market, Rules);
}

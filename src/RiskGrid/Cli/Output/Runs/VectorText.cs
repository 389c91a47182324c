using System.Globalization;
using System.Text.Json.Nodes;
using RiskGrid.Client;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>A node's whole P&amp;L vector; every number reads back to the same bits.</summary>
internal static class VectorText
{
    /// <summary>CSV with the header <c>scenario,pnl</c>.</summary>
    public static void Write(TextWriter writer, RunVector vector)
    {
        writer.Write("scenario,pnl\n");
        for (var i = 0; i < vector.Pnl.Count; i++)
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{Quoted(vector.Labels[i])},{vector.Pnl[i]:R}\n"));
    }

    public static JsonObject Document(string runId, RunVector vector) => new()
    {
        ["run_id"] = runId,
        ["path"] = vector.Path,
        ["leg"] = vector.Leg,
        ["scenario_set_hash"] = vector.ScenarioSetHash,
        ["scenarios"] = new JsonArray([.. vector.Labels.Select(l => (JsonNode)JsonValue.Create(l))]),
        ["pnl"] = new JsonArray([.. vector.Pnl.Select(p => (JsonNode)JsonValue.Create(p))]),
    };

    private static string Quoted(string label) => label.AsSpan().IndexOfAny(",\"\n") < 0 ? label : $"\"{label.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

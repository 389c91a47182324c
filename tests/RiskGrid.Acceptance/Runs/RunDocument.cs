using System.Text.Json;

namespace RiskGrid.Acceptance.Runs;

/// <summary>What <c>--json</c> prints of a run.</summary>
internal sealed class RunDocument(JsonElement document)
{
    public JsonElement Root => document;

    public string RunId => Text(document, "run_id");

    public string State => Text(document, "state");

    public string ResultHash => Text(document, "result_hash");

    public IReadOnlyList<JsonElement> Nodes => [.. document.GetProperty("nodes").EnumerateArray()];

    /// <summary>The scope's own node.</summary>
    public JsonElement Top => Nodes[0];

    public JsonElement Node(string path) => Nodes.Single(n => Text(n, "path") == path);

    /// <summary>A node's measure at a confidence and horizon.</summary>
    public JsonElement Measure(string path, string confidence, int days = 1) =>
        Node(path).GetProperty("measures").EnumerateArray().Single(m => Text(m, "confidence") == confidence && m.GetProperty("horizon_days").GetInt32() == days);

    public double ValueAtRisk(string path, string confidence) => Measure(path, confidence).GetProperty("value_at_risk").GetDouble();

    public double Shortfall(string path, string confidence) => Measure(path, confidence).GetProperty("expected_shortfall").GetDouble();

    /// <summary>The number in every element of a list that has it, in their order.</summary>
    public static IReadOnlyList<double> Numbers(JsonElement list, string name) =>
        [.. list.EnumerateArray().Where(e => e.TryGetProperty(name, out _)).Select(e => e.GetProperty(name).GetDouble())];

    public static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}

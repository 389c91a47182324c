using System.Text.Json.Nodes;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>A run as one JSON document: the fields of the contract's <c>Run</c>, its kind, the manifest as JSON, and the nodes of its result.</summary>
internal static class RunJson
{
    /// <param name="run">The run.</param>
    /// <param name="depth">Levels of nodes below the scope; null or -1 for all.</param>
    public static JsonObject Document(Run run, int? depth = null)
    {
        var shown = run;
        if (depth is >= 0 && run.Result is not null)
        {
            shown = run.Clone();
            var nodes = RunText.Within(run, depth.Value).Select(n => n.Clone()).ToList();
            shown.Result.Nodes.Clear();
            shown.Result.Nodes.Add(nodes);
        }

        var document = MessageJson.Node(shown);
        document.Insert(1, "kind", RunText.Kind(run.Spec));
        if (document.Remove("manifest_json"))
            document["manifest"] = JsonNode.Parse(run.ManifestJson);

        // The result's lists stand at the top: a number's address is short.
        if (document["result"] is JsonObject result)
        {
            document.Remove("result");
            foreach (var (name, value) in result.ToList())
            {
                result.Remove(name);
                document[name] = value;
            }
        }

        return document;
    }
}

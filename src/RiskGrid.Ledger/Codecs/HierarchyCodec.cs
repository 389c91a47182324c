using System.Text.Json;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Codecs;

/// <summary>A hierarchy as the ledger stores it: versioned JSON in UTF-8, nodes in ordinal id order, so that equal trees have equal bytes.</summary>
/// <remarks><c>{"format":1,"nodes":[{"id":"FIRM","kind":"desk","name":""},{"id":"EQD","kind":"desk","name":"EQD","parent":"FIRM"}]}</c></remarks>
internal static class HierarchyCodec
{
    private const int Format = 1;

    public static byte[] Encode(Hierarchy hierarchy)
    {
        var nodes = hierarchy.Nodes.Values
            .OrderBy(node => node.Id)
            .Select(node => new HierarchyNodeJson(node.Id.Value, Kind(node.Kind), node.Name, node.Parent?.Value))
            .ToList();
        return JsonSerializer.SerializeToUtf8Bytes(new HierarchyJson(Format, nodes), LedgerJson.Default.HierarchyJson);
    }

    public static Hierarchy Decode(ReadOnlySpan<byte> content, long version)
    {
        try
        {
            var json = JsonSerializer.Deserialize(content, LedgerJson.Default.HierarchyJson);
            if (json is null || json.Format != Format)
                throw new LedgerFormatException($"hierarchy version {version} is not stored in format {Format}; use a newer build");
            return new Hierarchy(json.Nodes.Select(node => new HierarchyNode(
                NodeId.Parse(node.Id), Kind(node.Kind, version), node.Name, node.Parent is { } parent ? NodeId.Parse(parent) : null)));
        }
        catch (Exception broken) when (broken is JsonException or ValidationException)
        {
            throw new LedgerFormatException($"hierarchy version {version} can't be read: {broken.Message}", broken);
        }
    }

    private static string Kind(NodeKind kind) => kind == NodeKind.Book ? "book" : "desk";

    private static NodeKind Kind(string kind, long version) => kind switch
    {
        "book" => NodeKind.Book,
        "desk" => NodeKind.Desk,
        _ => throw new LedgerFormatException($"hierarchy version {version} holds a node of unknown kind '{kind}'"),
    };
}

using System.Text.Json.Serialization;

namespace RiskGrid.Ledger.Codecs;

/// <summary>The stored form of a hierarchy, format 1.</summary>
internal sealed record HierarchyJson(int Format, IReadOnlyList<HierarchyNodeJson> Nodes);

internal sealed record HierarchyNodeJson(string Id, string Kind, string Name, string? Parent = null);

// Unknown members are refused: a field that a newer build writes must not vanish silently here.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TradeTermsJson))]
[JsonSerializable(typeof(HierarchyJson))]
internal sealed partial class LedgerJson : JsonSerializerContext;

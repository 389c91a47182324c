using System.Text.Json.Serialization;

namespace RiskGrid.Ledger.Codecs;

/// <summary>Format 1 of the stored trade terms; <see cref="TradeTermsCodec"/> documents it.</summary>
internal sealed record TradeTermsJson(int Format, string Book, double Quantity, string Counterparty, InstrumentJson Instrument);

/// <summary>Exactly one member is set: the kind of the instrument.</summary>
internal sealed record InstrumentJson(EuropeanOptionJson? EuropeanOption = null);

internal sealed record EuropeanOptionJson(
    string Root, string Underlying, string ZeroCurve, string Type, double Strike, string Expiry, string Currency, double Multiplier);

internal sealed record HierarchyJson(int Format, IReadOnlyList<HierarchyNodeJson> Nodes);

internal sealed record HierarchyNodeJson(string Id, string Kind, string Name, string? Parent);

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

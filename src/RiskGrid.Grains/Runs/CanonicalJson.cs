using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;

namespace RiskGrid.Grains.Runs;

/// <summary>JSON with one spelling: keys in ordinal order, no white space, numbers as their writer spelled them, characters escaped as
/// <see cref="System.Text.Json.Utf8JsonWriter"/> does: a spec that goes through here comes out as it was.</summary>
internal static class CanonicalJson
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));

    /// <summary>The one spelling of a node.</summary>
    public static string Write(JsonNode node) => Sorted(node).ToJsonString();

    /// <summary>A message in snake_case, without fields that have their default.</summary>
    public static JsonNode Of(IMessage message) => JsonNode.Parse(Formatter.Format(message))!;

    /// <summary>The message that <see cref="Of"/> was made from.</summary>
    public static T Read<T>(string json)
        where T : class, IMessage<T>, new() => Parser.Parse<T>(json);

    /// <summary>SHA-256 over the UTF-8 bytes; lower-case hexadecimal.</summary>
    public static string Hash(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));

    private static JsonNode Sorted(JsonNode node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value is null ? null : Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(item => item is null ? null : Sorted(item))]),
        _ => node.DeepClone(),
    };
}

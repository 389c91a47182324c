using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Protocol.Mapping;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>A wire message as JSON for programs: the contract's own field names, numbers as numbers that read back to the same bits, enums in
/// small letters without their prefix, times as ISO 8601. What is empty or was not set is left out; numbers and switches that the contract
/// always has are always there.</summary>
internal static class MessageJson
{
    public static JsonObject Node(IMessage message)
    {
        var node = new JsonObject();
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.HasPresence ? !field.Accessor.HasValue(message) : IsEmpty(field.Accessor.GetValue(message)))
                continue;
            node[field.Name] = Value(field, field.Accessor.GetValue(message));
        }

        return node;
    }

    private static JsonNode? Value(FieldDescriptor field, object value)
    {
        if (field.IsMap)
        {
            var values = field.MessageType.FindFieldByNumber(2);
            var map = (IDictionary)value;
            return new JsonObject(map.Keys.Cast<object>()
                .Select(key => (Name: Convert.ToString(key, CultureInfo.InvariantCulture)!, Value: map[key]!)).OrderBy(e => e.Name, StringComparer.Ordinal)
                .Select(e => KeyValuePair.Create(e.Name, Single(values, e.Value))));
        }

        return field.IsRepeated ? new JsonArray([.. ((IEnumerable)value).Cast<object>().Select(v => Single(field, v))]) : Single(field, value);
    }

    private static JsonNode? Single(FieldDescriptor field, object value) => value switch
    {
        Timestamp time => time.ToInstant().ToString(),
        IMessage message => Node(message),
        ByteString bytes => bytes.ToBase64(),

        // JSON has no other numbers; a name is better than a number that is not there.
        double number when !double.IsFinite(number) => number.ToString(CultureInfo.InvariantCulture),
        double number => JsonValue.Create(number),
        bool flag => JsonValue.Create(flag),
        string text => JsonValue.Create(text),
        int number when field.FieldType == FieldType.Enum => EnumName(field.EnumType, number),
        System.Enum member => EnumName(field.EnumType, Convert.ToInt32(member, CultureInfo.InvariantCulture)),
        int number => JsonValue.Create(number),
        uint number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        ulong number => JsonValue.Create(number),
        _ => throw new ArgumentException($"{field.FullName} has a type that no message of a run has: {value.GetType().Name}", nameof(value)),
    };

    // RUN_STATE_FINISHED is "finished".
    private static string EnumName(EnumDescriptor type, int number)
    {
        if (type.FindValueByNumber(number) is not { } value)
            return number.ToString(CultureInfo.InvariantCulture);
        var prefix = string.Concat(type.Name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}")).ToUpperInvariant() + "_";
        var name = value.Name.StartsWith(prefix, StringComparison.Ordinal) ? value.Name[prefix.Length..] : value.Name;
        return name.ToLowerInvariant();
    }

    private static bool IsEmpty(object value) => value switch
    {
        string text => text.Length == 0,
        ByteString bytes => bytes.IsEmpty,
        ICollection list => list.Count == 0,
        _ => false,
    };
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Risk.Runs;

/// <summary>The fields of one JSON object, taken one by one; what is left at the end is unknown and refused.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> _left = new(StringComparer.Ordinal);
    private readonly string _parents;

    public JsonFields(JsonElement json, string parents)
    {
        _parents = parents;
        if (json.ValueKind != JsonValueKind.Object)
            throw new ValidationException(parents.Length == 0 ? "spec" : parents.TrimEnd('.'), "it is not a JSON object");
        foreach (var field in json.EnumerateObject())
        {
            if (!_left.TryAdd(field.Name, field.Value))
                throw new ValidationException(Field(field.Name), "it comes twice");
        }
    }

    /// <summary>A field's name with those of the objects around it.</summary>
    public string Field(string name) => _parents + name;

    public JsonFields? Object(string name) => Take(name) is { } json ? new JsonFields(json, Field(name) + ".") : null;

    public IEnumerable<JsonFields> Objects(string name) => Array(name).Select(e => new JsonFields(e, Field(name) + "."));

    public string Text(string name, string otherwise = "") => Take(name) is { } json ? String(name, json) : otherwise;

    public ImmutableArray<string> Strings(string name) => [.. Array(name).Select(e => String(name, e))];

    public bool Flag(string name) => Take(name) is { } json
        && (json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : throw Refused(name, "true or false"));

    public double? Number(string name) => Take(name) is { } json ? Number(name, json) : null;

    public ImmutableArray<double> Numbers(string name) => [.. Array(name).Select(e => Number(name, e))];

    public int Integer(string name) => Take(name) is { } json ? Integer(name, json) : 0;

    public ImmutableArray<int> Integers(string name) => [.. Array(name).Select(e => Integer(name, e))];

    public ulong Seed(string name)
    {
        if (Take(name) is not { } json)
            return 0;
        return json.ValueKind == JsonValueKind.Number && json.TryGetUInt64(out var value)
            ? value
            : throw Refused(name, "a whole number from 0 to 18446744073709551615");
    }

    public decimal Decimal(string name) => Take(name) is { } json ? Decimal(name, json) : 0;

    public ImmutableArray<decimal> Decimals(string name) => [.. Array(name).Select(e => Decimal(name, e))];

    public LocalDate? Day(string name)
    {
        var text = Text(name);
        if (text.Length == 0)
            return null;
        var day = LocalDatePattern.Iso.Parse(text);
        return day.Success ? day.Value : throw Refused(name, "a day such as 2008-10-15");
    }

    /// <summary>Refuses what nobody took.</summary>
    public void Close()
    {
        foreach (var name in _left.Keys.Order(StringComparer.Ordinal))
            throw new ValidationException(Field(name), "there is no such field");
    }

    private JsonElement? Take(string name) => _left.Remove(name, out var json) && json.ValueKind != JsonValueKind.Null ? json : null;

    private IEnumerable<JsonElement> Array(string name)
    {
        if (Take(name) is not { } json)
            return [];
        return json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : throw Refused(name, "an array");
    }

    private string String(string name, JsonElement json) =>
        json.ValueKind == JsonValueKind.String ? json.GetString()! : throw Refused(name, "a string");

    private double Number(string name, JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var value) && double.IsFinite(value) ? value : throw Refused(name, "a finite number");

    private int Integer(string name, JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var value) ? value : throw Refused(name, "a whole number");

    // A string, because a binary fraction is no exact decimal.
    private decimal Decimal(string name, JsonElement json) =>
        decimal.TryParse(String(name, json), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Refused(name, "an exact decimal in a string, such as \"0.99\"");

    private ValidationException Refused(string name, string wanted) => new(Field(name), $"{wanted} is needed");
}

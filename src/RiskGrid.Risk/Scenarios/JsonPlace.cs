using System.Text.Json;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>A value of a JSON document together with where it stands, so that a refusal can say so.</summary>
internal readonly record struct JsonPlace(JsonElement Element, string Path)
{
    public ValidationException Refusal(string reason) => new(Path, reason);

    /// <summary>Refuses keys that nobody reads: a misspelled one must not be passed over.</summary>
    public void Knows(params ReadOnlySpan<string> keys)
    {
        if (Element.ValueKind != JsonValueKind.Object)
            throw Refusal("an object is expected here");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in Element.EnumerateObject())
        {
            if (!keys.Contains(property.Name))
                throw At(property).Refusal($"'{property.Name}' is not one of {string.Join(", ", keys.ToArray())}");
            if (!seen.Add(property.Name))
                throw At(property).Refusal($"'{property.Name}' comes twice");
        }
    }

    public JsonPlace? Find(string key)
    {
        if (Element.ValueKind != JsonValueKind.Object)
            throw Refusal("an object is expected here");
        return Element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? new JsonPlace(value, $"{Path}.{key}") : null;
    }

    public JsonPlace Get(string key) => Find(key) ?? throw new ValidationException($"{Path}.{key}", "is missing");

    public string Text() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : throw Refusal("a text is expected here");

    public double Number() => Element.ValueKind == JsonValueKind.Number && Element.TryGetDouble(out var value) && double.IsFinite(value)
        ? value
        : throw Refusal("a finite number is expected here");

    public int Integer() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var value)
        ? value
        : throw Refusal("a whole number is expected here");

    public ulong UnsignedInteger() => Element.ValueKind == JsonValueKind.Number && Element.TryGetUInt64(out var value)
        ? value
        : throw Refusal("a whole number at or above zero is expected here");

    public bool Flag() => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Refusal("true or false is expected here"),
    };

    public List<JsonPlace> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array)
            throw Refusal("a list is expected here");
        var items = new List<JsonPlace>(Element.GetArrayLength());
        foreach (var item in Element.EnumerateArray())
            items.Add(new JsonPlace(item, $"{Path}[{items.Count}]"));
        return items;
    }

    public List<(string Key, JsonPlace Value)> Members()
    {
        if (Element.ValueKind != JsonValueKind.Object)
            throw Refusal("an object is expected here");
        var members = new List<(string, JsonPlace)>();
        foreach (var property in Element.EnumerateObject())
            members.Add((property.Name, At(property)));
        return members;
    }

    /// <summary>Reads a value with a rule of the model, whose refusal then says where.</summary>
    public T As<T>(Func<string, T> parse)
    {
        try
        {
            return parse(Text());
        }
        catch (ValidationException refusal) when (!refusal.Field.StartsWith('$'))
        {
            throw Refusal(refusal.Reason);
        }
    }

    private JsonPlace At(JsonProperty property) => new(property.Value, $"{Path}.{property.Name}");
}

using System.Text;
using System.Text.Json;

namespace RiskGrid.Risk;

/// <summary>Writes specs: no white space; the caller writes keys in ordinal order.</summary>
internal static class CanonicalJson
{
    public static string Write(Action<Utf8JsonWriter> content)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Writes <c>"shifts"</c>: every driver with the kind of its move.</summary>
    public static void WriteShifts(Utf8JsonWriter json, IEnumerable<Model.FactorName> drivers)
    {
        json.WriteStartArray("shifts");
        foreach (var driver in drivers)
        {
            json.WriteStartObject();
            json.WriteString("factor", driver.Value);
            json.WriteString("kind", ShiftKinds.Spelled(ShiftKinds.Of(driver)));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

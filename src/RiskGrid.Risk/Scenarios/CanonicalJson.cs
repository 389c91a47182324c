using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

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

    /// <summary>Writes a day, nothing when there is none.</summary>
    public static void WriteDate(Utf8JsonWriter json, string key, LocalDate? date)
    {
        if (date is { } day)
            json.WriteString(key, LocalDatePattern.Iso.Format(day));
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

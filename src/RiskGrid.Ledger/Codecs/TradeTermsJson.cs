using System.Text.Json.Serialization;

namespace RiskGrid.Ledger.Codecs;

/// <summary>Format 1 of the stored trade terms; <see cref="TradeTermsCodec"/> documents it.</summary>
/// <remarks>Settable properties, not constructor parameters: those are twice as slow to read back.</remarks>
internal sealed class TradeTermsJson
{
    [JsonRequired]
    public int Format { get; set; }

    [JsonRequired]
    public string Book { get; set; } = string.Empty;

    [JsonRequired]
    public double Quantity { get; set; }

    [JsonRequired]
    public string Counterparty { get; set; } = string.Empty;

    [JsonRequired]
    public InstrumentJson Instrument { get; set; } = new();
}

/// <summary>Exactly one member is set: the kind of the instrument.</summary>
internal sealed class InstrumentJson
{
    public EuropeanOptionJson? EuropeanOption { get; set; }
}

internal sealed class EuropeanOptionJson
{
    [JsonRequired]
    public string Root { get; set; } = string.Empty;

    [JsonRequired]
    public string Underlying { get; set; } = string.Empty;

    [JsonRequired]
    public string ZeroCurve { get; set; } = string.Empty;

    [JsonRequired]
    public string Type { get; set; } = string.Empty;

    [JsonRequired]
    public double Strike { get; set; }

    [JsonRequired]
    public string Expiry { get; set; } = string.Empty;

    [JsonRequired]
    public string Currency { get; set; } = string.Empty;

    [JsonRequired]
    public double Multiplier { get; set; }
}

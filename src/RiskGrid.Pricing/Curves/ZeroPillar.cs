using System.Diagnostics.CodeAnalysis;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Curves;

/// <summary>A zero-rate factor taken apart: <c>ZC.USD.5Y</c> is curve <c>USD</c> at 5 years.</summary>
/// <param name="Curve">The curve's name: a currency, or a currency and a variant as in <c>USD-SPX</c>.</param>
/// <param name="Time">Years.</param>
/// <param name="Factor">The whole name.</param>
public readonly record struct ZeroPillar(string Curve, double Time, FactorName Factor)
{
    /// <summary>Takes a factor apart; false with the reason when it is not a zero rate with a curve and a tenor.</summary>
    public static bool TryParse(FactorName factor, out ZeroPillar pillar, [NotNullWhen(false)] out string? reason)
    {
        pillar = default;
        var parts = factor.Value.Split('.');
        if (parts.Length != 3 || parts[0] != "ZC")
        {
            reason = $"'{factor}' is not ZC.<curve>.<tenor>";
            return false;
        }

        try
        {
            pillar = new ZeroPillar(parts[1], Tenor.Years(parts[2]), factor);
            reason = null;
            return true;
        }
        catch (ValidationException refusal)
        {
            reason = $"'{factor}': {refusal.Reason}";
            return false;
        }
    }

    /// <summary>The currency of a curve: what stands before the first hyphen of its name.</summary>
    public static string CurrencyOf(string curve)
    {
        var hyphen = curve.IndexOf('-', StringComparison.Ordinal);
        return hyphen < 0 ? curve : curve[..hyphen];
    }
}

using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Names one factor (<c>EQ.AAPL</c>), all that begin alike (<c>EQ.*</c>, <c>ZC.USD.*</c>, <c>VOL.SPXW.*</c>), or a class:
/// <c>spot</c> (<c>EQ</c>, <c>CMD</c>, and <c>IDX</c> other than the volatility index), <c>rates</c> (<c>ZC</c>), <c>fx</c>,
/// <c>volatility</c> (<c>VOL</c>).</summary>
/// <remarks><c>ZC.USD.*</c> takes in the variants of the currency's curve too, such as <c>ZC.USD-SPX.1Y</c>: a move of a currency's rates
/// moves all that is discounted in it.</remarks>
public readonly record struct FactorSelector
{
    private const string CurvePrefix = "ZC.";

    private readonly string? _text;

    private FactorSelector(string text) => _text = text;

    /// <summary>The selector as written; empty only for the default value.</summary>
    public string Text => _text ?? string.Empty;

    /// <summary>The class that the selected factors move like.</summary>
    public FactorClass Class => Text switch
    {
        "spot" => FactorClass.Equity,
        "rates" => FactorClass.Zero,
        "fx" => FactorClass.Fx,
        "volatility" => FactorClass.Volatility,
        _ => FactorName.Parse(Sample(Text)).Class,
    };

    /// <summary>Checks and wraps a selector.</summary>
    /// <exception cref="ValidationException">The text is neither a factor's name, nor the beginning of one with <c>.*</c> for the rest, nor a
    /// class.</exception>
    public static FactorSelector Parse(string text)
    {
        if (text is not ("spot" or "rates" or "fx" or "volatility"))
            FactorName.Parse(Sample(text), "selector");
        return new FactorSelector(text);
    }

    /// <summary>True when the factor is one of those selected.</summary>
    public bool Matches(FactorName factor)
    {
        switch (Text)
        {
            case "spot":
                return factor.Class is FactorClass.Equity or FactorClass.Commodity
                    || (factor.Class == FactorClass.Index && factor != ScenarioDrivers.VolatilityIndex);
            case "rates" or "fx" or "volatility":
                return factor.Class == Class;
        }

        if (!IsWildcard(Text))
            return string.Equals(factor.Value, Text, StringComparison.Ordinal);
        var stem = Text.AsSpan(0, Text.Length - 2);
        var name = factor.Value.AsSpan();
        if (!name.StartsWith(stem, StringComparison.Ordinal) || name.Length == stem.Length)
            return false;
        if (name[stem.Length] == '.')
            return true;
        return name[stem.Length] == '-' && stem.StartsWith(CurvePrefix, StringComparison.Ordinal) && !stem[CurvePrefix.Length..].Contains('.');
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsWildcard(string text) => text.EndsWith(".*", StringComparison.Ordinal);

    // A part in the wildcard's place must make a sound name.
    private static string Sample(string text) => IsWildcard(text) ? text[..^1] + "X" : text;
}

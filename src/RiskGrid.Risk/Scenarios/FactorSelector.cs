using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Names one factor (<c>EQ.AAPL</c>) or all that begin alike (<c>EQ.*</c>, <c>ZC.USD.*</c>, <c>VOL.SPXW.*</c>).</summary>
/// <remarks><c>ZC.USD.*</c> takes in the variants of the currency's curve too, such as <c>ZC.USD-SPX.1Y</c>: a move of a currency's rates
/// moves all that is discounted in it.</remarks>
public readonly record struct FactorSelector
{
    private readonly string? _text;

    private FactorSelector(string text) => _text = text;

    /// <summary>The selector as written; empty only for the default value.</summary>
    public string Text => _text ?? string.Empty;

    /// <summary>True when it ends in a wildcard.</summary>
    public bool IsWildcard => Text.EndsWith(".*", StringComparison.Ordinal);

    /// <summary>The class of the factors that it selects.</summary>
    public FactorClass Class => FactorName.Parse(IsWildcard ? Text[..^1] + "X" : Text).Class;

    /// <summary>Checks and wraps a selector.</summary>
    /// <exception cref="ValidationException">The text is neither a factor's name nor the beginning of one with <c>.*</c> for the rest.</exception>
    public static FactorSelector Parse(string text)
    {
        // A part in the wildcard's place must make a sound name.
        FactorName.Parse(text.EndsWith(".*", StringComparison.Ordinal) ? text[..^1] + "X" : text, "selector");
        return new FactorSelector(text);
    }

    /// <summary>True when the factor is one of those selected.</summary>
    public bool Matches(FactorName factor)
    {
        if (!IsWildcard)
            return string.Equals(factor.Value, Text, StringComparison.Ordinal);
        if (factor.Value.StartsWith(Text.AsSpan(0, Text.Length - 1), StringComparison.Ordinal))
            return true;
        return Text.StartsWith("ZC.", StringComparison.Ordinal) && Text.Count(c => c == '.') == 2
            && factor.Value.StartsWith(string.Concat(Text.AsSpan(0, Text.Length - 2), "-"), StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

namespace RiskGrid.Model;

/// <summary>The classes of risk factors; the first part of a factor's name.</summary>
public enum FactorClass
{
    /// <summary>Share price, currency units per share: <c>EQ.AAPL</c>. Moves by log return.</summary>
    Equity,

    /// <summary>Index level in points: <c>IDX.SP500</c>. Moves by log return.</summary>
    Index,

    /// <summary>Commodity price: <c>CMD.WTI</c>. Moves by log return.</summary>
    Commodity,

    /// <summary>Units of the second currency for one of the first: <c>FX.EURUSD</c>. Moves by log return.</summary>
    Fx,

    /// <summary>Continuously compounded Act/365 zero rate as a decimal, at a tenor: <c>ZC.USD.5Y</c>. Moves absolutely.</summary>
    Zero,

    /// <summary>Continuous dividend yield (carry against the zero rate) of one slice, as a decimal:
    /// <c>DIV.SPXW.2026-02-20</c>. Frozen in scenarios.</summary>
    DividendYield,

    /// <summary>Black volatility per year as a decimal, of one contract: <c>VOL.SPXW.2026-02-20.6900C</c>.
    /// Moves by a factor.</summary>
    Volatility,

    /// <summary>Slope of the smile at the forward, ∂lnσ/∂ln(K/F), of one slice: <c>SKEW.SPXW.2026-02-20</c>.
    /// Frozen in scenarios.</summary>
    Skew,

    /// <summary>Half of the bid-ask spread of one contract in price units: <c>HALF.SPXW.2026-02-20.6900C</c>.
    /// Frozen in scenarios.</summary>
    HalfSpread,
}

/// <summary>Names one market number: <c>CLASS.NAME[.TENOR|.EXPIRY[.STRIKE]]</c>. Ordinal order of the text is the order of factors
/// wherever an order is needed.</summary>
public readonly record struct FactorName : IComparable<FactorName>
{
    private static readonly (string Prefix, FactorClass Class)[] Prefixes =
    [
        ("EQ.", FactorClass.Equity),
        ("IDX.", FactorClass.Index),
        ("CMD.", FactorClass.Commodity),
        ("FX.", FactorClass.Fx),
        ("ZC.", FactorClass.Zero),
        ("DIV.", FactorClass.DividendYield),
        ("VOL.", FactorClass.Volatility),
        ("SKEW.", FactorClass.Skew),
        ("HALF.", FactorClass.HalfSpread),
    ];

    private readonly string? _value;

    private FactorName(string value) => _value = value;

    /// <summary>The whole name; empty only for the default value.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>The factor's class, from the first part of its name.</summary>
    public FactorClass Class => Classify(Value) ?? throw new InvalidOperationException("The default factor name has no class.");

    /// <summary>Checks and wraps a name.</summary>
    /// <exception cref="ValidationException">The text is not a factor name.</exception>
    public static FactorName Parse(string text) => Parse(text, "factor");

    /// <summary>Checks and wraps a name.</summary>
    /// <param name="text">The name.</param>
    /// <param name="field">What the refusal calls it: the field that it came in.</param>
    /// <exception cref="ValidationException">The text is not a factor name.</exception>
    public static FactorName Parse(string text, string field)
    {
        if (IdentifierRule.Violation(text, field) is { } reason)
            throw new ValidationException(field, reason);
        if (Classify(text) is null)
            throw new ValidationException(field, $"'{text}' does not begin with one of {string.Join(' ', Prefixes.Select(p => p.Prefix))}");
        if (text.EndsWith('.') || text.Contains("..", StringComparison.Ordinal))
            throw new ValidationException(field, $"'{text}' has an empty part");
        return new FactorName(text);
    }

    /// <summary>Ordinal order of the names.</summary>
    public int CompareTo(FactorName other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static FactorClass? Classify(string text)
    {
        foreach (var (prefix, factorClass) in Prefixes)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal) && text.Length > prefix.Length)
                return factorClass;
        }

        return null;
    }
}

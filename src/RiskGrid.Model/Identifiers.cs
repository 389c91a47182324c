namespace RiskGrid.Model;

/// <summary>The one rule that every identifier of the system obeys, so that any of them can be a grain key, a path
/// segment, a file name or a URL segment without escaping.</summary>
internal static class IdentifierRule
{
    public const int MaxLength = 64;

    /// <summary>Null when <paramref name="text"/> is a valid identifier, otherwise the reason why not.</summary>
    public static string? Violation(string? text, string what)
    {
        if (string.IsNullOrEmpty(text))
            return $"{what} is missing";
        if (text.Length > MaxLength)
            return $"{what} has {text.Length} characters, at most {MaxLength} are allowed";
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':'))
                return $"{what} may hold ASCII letters, digits and - _ . : only";
        }

        return null;
    }
}

/// <summary>Identifies a trade for good: a trade keeps its id over amendments, moves and cancellation.</summary>
public readonly record struct TradeId : IComparable<TradeId>
{
    private readonly string? _value;

    private TradeId(string value) => _value = value;

    /// <summary>The identifier as text; empty only for the default value.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Checks and wraps an identifier.</summary>
    /// <exception cref="ValidationException">The text is not a valid identifier.</exception>
    public static TradeId Parse(string text) =>
        IdentifierRule.Violation(text, "trade id") is { } reason ? throw new ValidationException("trade_id", reason) : new TradeId(text);

    /// <summary>Ordinal order: the order in which a sheet holds its trades.</summary>
    public int CompareTo(TradeId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Identifies a book or a desk for good; where it hangs in the hierarchy, and under which name, may change.</summary>
public readonly record struct NodeId : IComparable<NodeId>
{
    private readonly string? _value;

    private NodeId(string value) => _value = value;

    /// <summary>The identifier as text; empty only for the default value.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Checks and wraps an identifier.</summary>
    /// <exception cref="ValidationException">The text is not a valid identifier.</exception>
    public static NodeId Parse(string text) => Parse(text, "node_id");

    /// <summary>Checks and wraps an identifier.</summary>
    /// <param name="text">The identifier.</param>
    /// <param name="field">What the refusal calls it: the field that it came in.</param>
    /// <exception cref="ValidationException">The text is not a valid identifier.</exception>
    public static NodeId Parse(string text, string field) =>
        IdentifierRule.Violation(text, field) is { } reason ? throw new ValidationException(field, reason) : new NodeId(text);

    /// <summary>Ordinal order: the order in which a node adds its children.</summary>
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Names one trade command; a retry carries the same id and gets the same reply.</summary>
public readonly record struct CommandId
{
    private readonly string? _value;

    private CommandId(string value) => _value = value;

    /// <summary>The identifier as text; empty only for the default value.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Checks and wraps an identifier.</summary>
    /// <exception cref="ValidationException">The text is not a valid identifier.</exception>
    public static CommandId Parse(string text) =>
        IdentifierRule.Violation(text, "command id") is { } reason ? throw new ValidationException("command_id", reason) : new CommandId(text);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Names one run for good; starting it again under the same id is a retry.</summary>
public readonly record struct RunId
{
    private readonly string? _value;

    private RunId(string value) => _value = value;

    /// <summary>The identifier as text; empty only for the default value.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Checks and wraps an identifier.</summary>
    /// <exception cref="ValidationException">The text is not a valid identifier.</exception>
    public static RunId Parse(string text) =>
        IdentifierRule.Violation(text, "run id") is { } reason ? throw new ValidationException("run_id", reason) : new RunId(text);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A three-letter ISO 4217 currency code in capitals.</summary>
public readonly record struct Currency : IComparable<Currency>
{
    private readonly string? _code;

    private Currency(string code) => _code = code;

    /// <summary>US dollar.</summary>
    public static Currency Usd { get; } = new("USD");

    /// <summary>The code; empty only for the default value.</summary>
    public string Code => _code ?? string.Empty;

    /// <summary>Checks and wraps a code.</summary>
    /// <exception cref="ValidationException">The text is not three capital letters.</exception>
    public static Currency Parse(string text) =>
        text is { Length: 3 } && text.All(char.IsAsciiLetterUpper)
            ? new Currency(text)
            : throw new ValidationException("currency", "a currency is three capital letters (ISO 4217)");

    /// <summary>Ordinal order of the codes.</summary>
    public int CompareTo(Currency other) => string.CompareOrdinal(Code, other.Code);

    /// <inheritdoc/>
    public override string ToString() => Code;
}

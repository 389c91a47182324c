using System.Collections.Immutable;

namespace RiskGrid.Model;

/// <summary>Input that breaks a rule of the model: which field, and why.</summary>
public sealed class ValidationException : Exception
{
    /// <summary>Creates the refusal of one field.</summary>
    public ValidationException(string field, string reason)
        : base($"{field}: {reason}")
    {
        Field = field;
        Reason = reason;
    }

    /// <summary>Creates the refusal of several fields: field and reason are those of the first.</summary>
    /// <param name="refusals">At least one.</param>
    public ValidationException(IReadOnlyList<ValidationException> refusals)
        : base(string.Join("; ", refusals.Select(r => r.Message)))
    {
        Field = refusals[0].Field;
        Reason = refusals[0].Reason;
        Others = [.. refusals.Skip(1)];
    }

    /// <summary>The field in snake_case, as wire contracts and files call it.</summary>
    public string Field { get; }

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; }

    /// <summary>What else is wrong, where several fields were checked at once.</summary>
    public ImmutableArray<ValidationException> Others { get; } = [];

    /// <summary>This one and the others, each of one field.</summary>
    public IEnumerable<ValidationException> All => Others.IsEmpty ? [this] : [new ValidationException(Field, Reason), .. Others];
}

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

    /// <summary>The field in snake_case, as wire contracts and files call it.</summary>
    public string Field { get; }

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; }
}

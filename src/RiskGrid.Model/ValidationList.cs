namespace RiskGrid.Model;

/// <summary>Goes on checking after a refusal, so that all of them can be named at once.</summary>
public sealed class ValidationList
{
    private readonly List<ValidationException> _refusals = [];

    /// <summary>Checks one rule.</summary>
    public void Check(Action rule)
    {
        try
        {
            rule();
        }
        catch (ValidationException e)
        {
            _refusals.AddRange(e.All);
        }
    }

    /// <summary>Reads one value.</summary>
    /// <returns>The value; <paramref name="otherwise"/> when it was refused.</returns>
    public T Check<T>(Func<T> read, T otherwise)
    {
        Check(() => { otherwise = read(); });
        return otherwise;
    }

    /// <summary>Refuses a field.</summary>
    public void Refuse(string field, string reason) => _refusals.Add(new ValidationException(field, reason));

    /// <summary>Ends the checks.</summary>
    /// <exception cref="ValidationException">Something was refused: all of it.</exception>
    public void Close()
    {
        if (_refusals.Count > 0)
            throw _refusals.Count == 1 ? _refusals[0] : new ValidationException(_refusals);
    }
}

using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk.Runs;

/// <summary>The rules that many fields of a spec share; each refuses by the field's name.</summary>
internal static class FieldRules
{
    private const int MostListed = 1_000;

    public static decimal Confidence(string field, decimal confidence) => confidence is > 0 and < 1
        ? Plain(confidence)
        : throw new ValidationException(field, $"{confidence} is no confidence: it lies above 0 and below 1, such as 0.99");

    /// <summary>Without zeros at the end: 0.990 and 0.99 are one number and one spelling.</summary>
    public static decimal Plain(decimal value) => value / 1.0000000000000000000000000000m;

    public static ImmutableArray<T> Few<T>(string field, ImmutableArray<T> values)
    {
        if (values.Length > MostListed)
            throw new ValidationException(field, $"{values.Length} are given, at most {MostListed} are taken");
        return values.Distinct().Count() == values.Length ? values : throw new ValidationException(field, "one of them comes twice");
    }

    public static void Moves(string field, ImmutableArray<double> moves)
    {
        if (moves.IsDefaultOrEmpty)
            throw new ValidationException(field, "at least one move is needed");
        foreach (var move in Few(field, moves))
        {
            if (!double.IsFinite(move) || move <= -1)
                throw new ValidationException(field, $"{move:R} is no relative move: a finite number above -1, such as -0.1 for minus ten percent");
        }
    }

    public static void Selector(string field, string selector)
    {
        if (selector != "*")
            Renamed(field, () => FactorSelector.Parse(selector));
    }

    public static void Identifier(string field, string text) => Renamed(field, () => NodeId.Parse(text));

    public static void Between(string field, int value, int low, int high)
    {
        if (value < low || value > high)
            throw new ValidationException(field, $"{value} does not lie from {low} to {high}");
    }

    public static void Fraction(string field, double value)
    {
        if (!(value > 0 && value < 1))
            throw new ValidationException(field, $"{value:R} does not lie above 0 and below 1");
    }

    public static void Rule(string field, QuantileRule rule)
    {
        if (!Enum.IsDefined(rule))
            throw new ValidationException(field, $"one of {string.Join(", ", QuantileRules.Names)} is needed");
    }

    public static void Classes(string field, FactorClassMask classes)
    {
        if ((classes & ~FactorClassMask.All) != FactorClassMask.None)
            throw new ValidationException(field, $"only {string.Join(", ", FactorClasses.Spelled(FactorClassMask.All))} are classes");
    }

    private static void Renamed(string field, Action parse)
    {
        try
        {
            parse();
        }
        catch (ValidationException e)
        {
            throw new ValidationException(field, e.Reason);
        }
    }
}

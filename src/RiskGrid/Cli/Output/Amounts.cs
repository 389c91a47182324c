using System.Globalization;

namespace RiskGrid.Cli.Output;

/// <summary>Amounts of one table in one unit, so that they can be compared by eye. Immutable.</summary>
internal sealed class Amounts
{
    private const double Million = 1e6;
    private const double Thousand = 1e3;

    // The largest amount has at least two digits before the point, so that those a hundredth of it still show.
    private const double TwoDigits = 10;

    // Beyond the digits that a double holds, grouped digits are noise that fills a line.
    private const double ManyDigits = 1e15;

    private readonly double _unit;

    private Amounts(double unit, string name) => (_unit, Name) = (unit, name);

    /// <summary>Millions, whatever the amounts.</summary>
    public static Amounts Millions { get; } = new(Million, "millions");

    /// <summary><c>millions</c>, <c>thousands</c>, or empty for units.</summary>
    public string Name { get; }

    /// <summary>The unit in which the largest of some amounts is best read.</summary>
    public static Amounts For(IEnumerable<double> amounts) => amounts.Select(Math.Abs).Where(double.IsFinite).DefaultIfEmpty(0).Max() switch
    {
        >= TwoDigits * Million => Millions,
        >= TwoDigits * Thousand => new Amounts(Thousand, "thousands"),
        _ => new Amounts(1, string.Empty),
    };

    /// <summary>An amount, or a dash where there is none.</summary>
    public string Text(double? amount) => amount is not { } value ? "-" : (value / _unit) switch
    {
        >= ManyDigits or <= -ManyDigits => (value / _unit).ToString("G6", CultureInfo.InvariantCulture),
        >= 1000 or <= -1000 => (value / _unit).ToString("N0", CultureInfo.InvariantCulture),
        > -0.005 and < 0 => "0.00",
        var scaled => scaled.ToString("N2", CultureInfo.InvariantCulture),
    };

    /// <summary>Currency and unit: <c>USD millions</c>; <c>millions of the file's unit</c> where the currency is a phrase.</summary>
    public string Caption(string currency) => Name.Length == 0 ? currency : currency.Contains(' ', StringComparison.Ordinal) ? $"{Name} of {currency}" : $"{currency} {Name}";
}

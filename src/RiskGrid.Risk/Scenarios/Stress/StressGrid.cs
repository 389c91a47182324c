using System.Collections.Immutable;
using System.Globalization;

namespace RiskGrid.Risk;

/// <summary>What one axis of a grid moves, and by how much.</summary>
/// <param name="Selectors">What moves; all of it alike.</param>
/// <param name="Kind">Relative or absolute.</param>
/// <param name="Values">The moves, one for each position on the axis.</param>
public sealed record StressAxis(ImmutableArray<FactorSelector> Selectors, ShockKind Kind, ImmutableArray<double> Values)
{
    /// <summary>An axis of relative moves.</summary>
    public static StressAxis Relative(string selector, params IEnumerable<double> values) =>
        new([FactorSelector.Parse(selector)], ShockKind.Relative, [.. values]);

    /// <summary>An axis of absolute moves.</summary>
    public static StressAxis Absolute(string selector, params IEnumerable<double> values) =>
        new([FactorSelector.Parse(selector)], ShockKind.Absolute, [.. values]);

    internal IEnumerable<Shock> At(int position) => Selectors.Select(s => new Shock(s, Kind, Values[position]));

    internal string NameAt(int position)
    {
        var value = Kind == ShockKind.Relative
            ? (Values[position] * 100).ToString("+0.##########;-0.##########;0", CultureInfo.InvariantCulture) + "%"
            : Values[position].ToString("+0.##########;-0.##########;0", CultureInfo.InvariantCulture);
        return $"{string.Join('+', Selectors)} {value}";
    }
}

/// <summary>A ladder (one axis) or a matrix (two), spelled out as scenarios.</summary>
/// <param name="Name">The grid's name; its scenarios' names begin with it.</param>
/// <param name="Rows">The first axis.</param>
/// <param name="Columns">The second axis; null for a ladder.</param>
public sealed record StressGrid(string Name, StressAxis Rows, StressAxis? Columns = null)
{
    /// <summary>How many columns there are: one in a ladder.</summary>
    public int Width => Columns?.Values.Length ?? 1;

    /// <summary>The scenarios row by row: row r and column c stand at r·<see cref="Width"/> + c.</summary>
    public ImmutableArray<NamedScenario> Scenarios()
    {
        var scenarios = ImmutableArray.CreateBuilder<NamedScenario>(Rows.Values.Length * Width);
        for (var row = 0; row < Rows.Values.Length; row++)
        {
            for (var column = 0; column < Width; column++)
            {
                scenarios.Add(Columns is null
                    ? new NamedScenario($"{Name}: {Rows.NameAt(row)}", [.. Rows.At(row)])
                    : new NamedScenario($"{Name}: {Rows.NameAt(row)}, {Columns.NameAt(column)}", [.. Rows.At(row), .. Columns.At(column)]));
            }
        }

        return scenarios.MoveToImmutable();
    }
}

using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Some scenarios of a set, driver by driver: what a revaluation reads. Immutable, thread-safe.</summary>
public sealed class ScenarioBlock
{
    private readonly double[] _moves; // row-major: [row * Count + scenario]

    internal ScenarioBlock(ScenarioLayout layout, int count, double[] moves)
    {
        Layout = layout;
        Count = count;
        _moves = moves;
    }

    /// <summary>How many scenarios the block holds.</summary>
    public int Count { get; }

    /// <summary>The factors that move, in ordinal order.</summary>
    public ImmutableArray<FactorName> Drivers => Layout.Drivers;

    internal ScenarioLayout Layout { get; }

    /// <summary>The move of one driver in each scenario of the block: a log return or an absolute change by <see cref="ShiftKinds"/>.</summary>
    /// <param name="driver">Position in <see cref="Drivers"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such driver.</exception>
    public ReadOnlySpan<double> Moves(int driver)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(driver);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(driver, Drivers.Length);
        return Row(driver, 0, Count);
    }

    /// <summary>The same scenarios with factors of the given classes moving and all others standing still: the block that
    /// <see cref="ScenarioSet.Only"/> of the set has in the same place.</summary>
    public ScenarioBlock Only(FactorClassMask classes)
    {
        if (classes == FactorClassMask.All)
            return this;
        var moves = new double[_moves.Length];
        for (var row = 0; row < Layout.StillRow; row++)
        {
            if (classes.HasFlag(Layout.ClassOf(row)))
                Row(row, 0, Count).CopyTo(moves.AsSpan(row * Count, Count));
        }

        return new ScenarioBlock(Layout, Count, moves);
    }

    internal ScenarioBlock Part(int first, int count)
    {
        var moves = new double[Layout.Rows * count];
        for (var row = 0; row < Layout.Rows; row++)
            Row(row, first, count).CopyTo(moves.AsSpan(row * count, count));
        return new ScenarioBlock(Layout, count, moves);
    }

    internal ReadOnlySpan<double> Row(int row, int start, int count) => _moves.AsSpan((row * Count) + start, count);
}

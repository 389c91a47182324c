using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Joint moves of the driver factors, one per scenario, in a fixed order: a named, versioned generator and its parameters.
/// Immutable, thread-safe.</summary>
/// <remarks>Moves are made on demand, block by block, and are functions of <see cref="Spec"/> and the scenario's position alone: any split
/// into blocks gives the same bits.</remarks>
public abstract partial class ScenarioSet
{
    private protected ScenarioSet(string spec, ScenarioLayout layout)
    {
        Spec = spec;
        Layout = layout;
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec)));
    }

    /// <summary>How many scenarios.</summary>
    public abstract int Count { get; }

    /// <summary>The generator, its version, its parameters, its inputs' hashes and every driver with the kind of its move, as canonical
    /// JSON: keys in ordinal order, no white space. <see cref="ScenarioSets.FromSpec"/> makes the set again.</summary>
    public string Spec { get; }

    /// <summary>SHA-256 over the UTF-8 bytes of <see cref="Spec"/>; lower-case hexadecimal. Every P&amp;L vector carries it.</summary>
    public string Hash { get; }

    /// <summary>The factors that move, in ordinal order.</summary>
    public ImmutableArray<FactorName> Drivers => Layout.Drivers;

    /// <summary>How volatilities answer to the scenarios.</summary>
    public ScenarioRules Rules => Layout.Rules;

    /// <summary>The weight of each scenario, adding up to one; empty when all weigh the same.</summary>
    public virtual ReadOnlySpan<double> Weights => [];

    /// <summary>True when every two neighbours 2k and 2k + 1 are a move and its opposite.</summary>
    public virtual bool IsAntithetic => false;

    /// <summary>True when the moves are drawn, pair by pair independently of where they stand in the set.</summary>
    public virtual bool IsSampled => false;

    /// <summary>True when the set is kept in memory as one block, so that asking for the whole of it costs nothing.</summary>
    internal virtual bool IsWhole => false;

    internal ScenarioLayout Layout { get; }

    /// <summary>True when the set says how the factor moves, be it not at all.</summary>
    public bool Covers(FactorName factor) => Layout.RowOf(factor) is not null;

    /// <summary>The position of a driver in <see cref="Drivers"/>; negative when the factor is none.</summary>
    public int DriverIndex(FactorName factor) => Layout.IndexOf(factor);

    /// <summary>What a reader calls a scenario: <c>2008-10-15</c>, <c>path 17</c>, a name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such scenario.</exception>
    public string Label(int scenario)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(scenario);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(scenario, Count);
        return Name(scenario);
    }

    /// <summary>The scenarios from <paramref name="first"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no such scenarios.</exception>
    public ScenarioBlock Block(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count - first);
        return Make(first, count);
    }

    /// <summary>Single scenarios in the order given: the same bits as in their blocks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such scenario.</exception>
    public ScenarioBlock Gather(ReadOnlySpan<int> scenarios)
    {
        var count = scenarios.Length;
        var moves = new double[Layout.Rows * count];
        for (var at = 0; at < count;)
        {
            var run = 1;
            while (at + run < count && scenarios[at + run] == scenarios[at] + run)
                run++;
            var part = Block(scenarios[at], run);
            for (var row = 0; row < Layout.Rows; row++)
                part.Row(row, 0, run).CopyTo(moves.AsSpan((row * count) + at, run));
            at += run;
        }

        return new ScenarioBlock(Layout, count, moves);
    }

    /// <summary>The same scenarios with the factors of some classes moving and all others standing still.</summary>
    /// <exception cref="ValidationException">No class is left.</exception>
    public virtual ScenarioSet Only(FactorClassMask classes) =>
        classes == FactorClassMask.All ? this : new MaskedScenarios(this, classes);

    private protected abstract string Name(int scenario);

    /// <summary>Makes a block whose range has been checked.</summary>
    private protected abstract ScenarioBlock Make(int first, int count);
}

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>A day of history that makes no scenario.</summary>
/// <param name="Date">The day on which the move would have ended.</param>
/// <param name="Reason">Which driver has no valid move, and why.</param>
public sealed record DroppedScenario(LocalDate Date, string Reason);

/// <summary>Joint moves of the driver factors, one per scenario, in a fixed order. Immutable, thread-safe.</summary>
public sealed class ScenarioSet
{
    private readonly ImmutableSortedDictionary<FactorName, double[]> _moves;

    internal ScenarioSet(
        string spec,
        ImmutableArray<LocalDate> dates,
        ImmutableArray<DroppedScenario> dropped,
        int multiSession,
        ImmutableSortedDictionary<FactorName, double[]> moves)
    {
        Spec = spec;
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec)));
        Dates = dates;
        Dropped = dropped;
        MultiSession = multiSession;
        _moves = moves;
        Directory = new FactorDirectory(moves.Keys);
    }

    /// <summary>How many scenarios.</summary>
    public int Count => Dates.Length;

    /// <summary>The generator, its version, its inputs' hashes and every driver with the kind of its move, as canonical JSON: keys in
    /// ordinal order, no white space.</summary>
    public string Spec { get; }

    /// <summary>SHA-256 over the UTF-8 bytes of <see cref="Spec"/>; lower-case hexadecimal. Every P&amp;L vector carries it.</summary>
    public string Hash { get; }

    /// <summary>The day on which each scenario's move ended, in scenario order.</summary>
    public ImmutableArray<LocalDate> Dates { get; }

    /// <summary>The days that made no scenario, in order.</summary>
    public ImmutableArray<DroppedScenario> Dropped { get; }

    /// <summary>How many scenarios span more than one exchange session.</summary>
    public int MultiSession { get; }

    /// <summary>The factors that move, in ordinal order.</summary>
    public IEnumerable<FactorName> Drivers => _moves.Keys;

    /// <summary>The move of a driver in each scenario: a log return or an absolute change by <see cref="ShiftKinds"/>.</summary>
    /// <exception cref="ValidationException">The factor is not a driver of this set.</exception>
    public ReadOnlySpan<double> Moves(FactorName driver) => Column(driver);

    /// <summary>True when the factor is a driver of this set.</summary>
    public bool Covers(FactorName factor) => _moves.ContainsKey(factor);

    /// <summary>One scenario a day of history: the joint move of all drivers from the row above. See <see cref="HistoricalScenarios"/>.</summary>
    /// <param name="panel">The history.</param>
    /// <param name="dependsOn">The drivers; a day is used only if every one of them has a valid move.</param>
    /// <exception cref="ValidationException">No driver, a driver that the panel lacks or that drives no scenario, or not one usable day.</exception>
    public static ScenarioSet Historical(HistoryPanel panel, IEnumerable<FactorName> dependsOn) =>
        HistoricalScenarios.Generate(panel, dependsOn);

    /// <summary>The zero curves and FX rates among the drivers.</summary>
    internal FactorDirectory Directory { get; }

    // For readers that keep the column: never written to.
    internal double[] Column(FactorName driver) => _moves.TryGetValue(driver, out var moves)
        ? moves
        : throw new ValidationException("factor", $"{driver} is not a driver of the scenario set");
}

using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>A day of history that makes no scenario.</summary>
/// <param name="Date">The day on which the move would have ended.</param>
/// <param name="Reason">Which driver has no valid move, and why.</param>
public sealed record DroppedScenario(LocalDate Date, string Reason);

/// <summary>Moves that happened, one scenario for each day of a history panel on which a move ends. Immutable, thread-safe.</summary>
public sealed class HistoricalScenarioSet : ScenarioSet
{
    private readonly ScenarioBlock _whole;
    private readonly double[] _weights;

    internal HistoricalScenarioSet(
        string spec,
        ScenarioLayout layout,
        ImmutableArray<LocalDate> dates,
        ImmutableArray<DroppedScenario> dropped,
        int multiSession,
        double[] moves,
        double[] weights)
        : base(spec, layout)
    {
        Dates = dates;
        Dropped = dropped;
        MultiSession = multiSession;
        _weights = weights;
        _whole = new ScenarioBlock(layout, dates.Length, moves);
    }

    /// <inheritdoc/>
    public override int Count => Dates.Length;

    /// <summary>The day on which each scenario's move ended, in scenario order.</summary>
    public ImmutableArray<LocalDate> Dates { get; }

    /// <summary>The days that made no scenario, in order.</summary>
    public ImmutableArray<DroppedScenario> Dropped { get; }

    /// <summary>How many scenarios span more exchange sessions than days of the panel.</summary>
    public int MultiSession { get; }

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Weights => _weights;

    /// <summary>The move of a driver in each scenario: a log return or an absolute change by <see cref="ShiftKinds"/>.</summary>
    /// <exception cref="ValidationException">The factor is not a driver of this set.</exception>
    public ReadOnlySpan<double> Moves(FactorName driver) => DriverIndex(driver) is var index and >= 0
        ? _whole.Moves(index)
        : throw new ValidationException("factor", $"{driver} is not a driver of the scenario set");

    internal override bool IsWhole => true;

    private protected override string Name(int scenario) => LocalDatePattern.Iso.Format(Dates[scenario]);

    // The whole set is kept as it is: live books take it on every pass.
    private protected override ScenarioBlock Make(int first, int count) => count == Count ? _whole : _whole.Part(first, count);
}

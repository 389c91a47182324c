namespace RiskGrid.Grid;

/// <summary>How unkind strict mode is. Chances are per delivered message, between 0 and 1.</summary>
public sealed record StrictOptions
{
    /// <summary>Decides what happens to the n-th message of each lane; which messages share a lane does not depend on
    /// threads.</summary>
    public required ulong Seed { get; init; }

    /// <summary>A message is delivered a second time, later: a call, with or without reply, a work item or a topic's
    /// message.</summary>
    public double Duplicates { get; init; } = 1.0 / 16;

    /// <summary>The receiver's partition is lost, just before or just after the delivery; what was under way there is delivered
    /// again.</summary>
    public double LostOwnership { get; init; } = 1.0 / 256;

    /// <summary>A one-way call or a topic's message is lost. Off unless set: what makes up for a loss takes time to
    /// come.</summary>
    public double Losses { get; init; }

    /// <summary>A message is delayed by up to so many turns of the thread pool, which lets later ones of other senders overtake
    /// it.</summary>
    public int MaxHops { get; init; } = 4;

    /// <summary>Hears once, at the start, which seed this is. Standard error unless set.</summary>
    public Action<string> Announce { get; init; } = Console.Error.WriteLine;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Announce);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxHops, nameof(MaxHops));
        foreach (var chance in (ReadOnlySpan<double>)[Duplicates, LostOwnership, Losses])
        {
            // A message whose every delivery loses its ownership would never be done.
            if (chance is not (>= 0 and <= 1) || LostOwnership > 0.5)
                throw new ArgumentException($"Chances are between 0 and 1, that of lost ownership at most 0.5: {this}");
        }
    }
}

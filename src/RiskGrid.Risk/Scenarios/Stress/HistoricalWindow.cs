using NodaTime;

namespace RiskGrid.Risk;

/// <summary>A stretch of history to replay as one move.</summary>
/// <param name="Name">Names it: <c>2008-09-lehman</c>.</param>
/// <param name="From">The day whose close the move begins at.</param>
/// <param name="To">The day whose close it ends at.</param>
/// <param name="Description">What happened, for readers; not part of a set's hash.</param>
public sealed record HistoricalWindow(string Name, LocalDate From, LocalDate To, string Description);

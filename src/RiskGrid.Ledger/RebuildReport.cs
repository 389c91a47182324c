namespace RiskGrid.Ledger;

/// <summary>What a rebuild found.</summary>
/// <param name="Events">Events read.</param>
/// <param name="LiveTrades">Live trades over all books.</param>
/// <param name="Differences">Derived rows that were missing, too many or different before; 0 when nothing was amiss.</param>
public sealed record RebuildReport(long Events, long LiveTrades, long Differences);

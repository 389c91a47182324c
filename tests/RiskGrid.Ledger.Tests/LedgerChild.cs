namespace RiskGrid.Ledger.Tests;

/// <summary>The process that the crash tests start, starve and kill.</summary>
internal static class LedgerChild
{
    public static Task<int> Main(string[] args) => throw new NotSupportedException(string.Join(' ', args));
}

using RiskGrid.Ledger;

namespace RiskGrid.Grains;

/// <summary>How grains ask the ledger: what it can't do now is for the caller to retry, not a fault of the program.</summary>
internal static class LedgerCalls
{
    /// <summary>The ledger's answer.</summary>
    /// <exception cref="Grid.GrainCallException">The ledger can't be used now: UNAVAILABLE.</exception>
    public static async Task<T> AskAsync<T>(this ILedger ledger, Func<ILedger, Task<T>> ask)
    {
        try
        {
            return await ask(ledger).ConfigureAwait(false);
        }
        catch (LedgerUnavailableException e)
        {
            throw GrainErrors.Retry($"the ledger cannot be used now ({e.Message}); nothing was acknowledged, send the call again, commands with the same ids");
        }
    }
}

using RiskGrid.Grains.Nodes;

namespace RiskGrid.Gateway.Services;

/// <summary>The tree as it stands, not as this process has heard of it: a change that another gateway acknowledged may still be on its way here.
/// Thread-safe.</summary>
/// <param name="board">Takes in what is answered.</param>
internal sealed class NewestTree(HierarchyBoard board)
{
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    // Not asked yet: whoever comes before it is shares it. A flood of names that nobody knows has one question under way at a time.
    private Task<HierarchyVersion>? _next;

    /// <summary>A version at least as new as any that was acknowledged before this call.</summary>
    /// <exception cref="RiskGrid.Grid.GridException">The hierarchy grain does not answer.</exception>
    public Task<HierarchyVersion> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return (_next ??= AskAsync(_last)).WaitAsync(cancellationToken);
    }

    private async Task<HierarchyVersion> AskAsync(Task before)
    {
        // Yields in any case: what runs under the lock of the caller is over when this goes on.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_lock)
        {
            _last = _next!;
            _next = null;
        }

        return await board.RefreshAsync().ConfigureAwait(false);
    }
}

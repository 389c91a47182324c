using System.Diagnostics;

namespace RiskGrid.Acceptance.Processes;

/// <summary>Conditions with a deadline.</summary>
internal static class Eventually
{
    /// <summary>Looks again until the condition holds; fails with the promise when it does not in time.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, TimeSpan within, Func<string> promise)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < within, $"not within {within}: {promise()}");
            await Task.Delay(20);
        }
    }
}

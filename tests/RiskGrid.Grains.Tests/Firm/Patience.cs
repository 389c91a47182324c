namespace RiskGrid.Grains.Tests;

/// <summary>Waiting for conditions, never for time.</summary>
internal static class Patience
{
    /// <summary>Far beyond what a loaded machine needs; reached only by a broken promise.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private const int EagerLooks = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    public static async Task Within(this Task task, string promise)
    {
        try
        {
            await task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Within {Limit} it did not happen that {promise}.");
        }
    }

    public static async Task<T> Within<T>(this Task<T> task, string promise)
    {
        await ((Task)task).Within(promise);
        return await task;
    }

    /// <summary>Asks again and again until the answer is yes.</summary>
    public static async Task Eventually(string promise, Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(Limit);
        for (var looks = 0; !await condition().Within(promise); looks++)
        {
            Assert.False(deadline.IsCancellationRequested, $"Within {Limit} it did not happen that {promise}.");

            // What is waited for may need the processor.
            if (looks < EagerLooks)
                await Task.Yield();
            else
                await Task.Delay(Pause);
        }
    }

    public static Task Eventually(string promise, Func<bool> condition) => Eventually(promise, () => Task.FromResult(condition()));
}

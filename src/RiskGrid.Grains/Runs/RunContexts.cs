
namespace RiskGrid.Grains.Runs;

/// <summary>The contexts of the runs that this silo works on, the last few of them: each is built once, however many items ask for it at
/// once. Thread-safe.</summary>
public sealed class RunContexts
{
    private const int Kept = 4;

    private readonly Lock _lock = new();

    // The least recently used first.
    private readonly List<(string Hash, Task<RunContext> Context)> _contexts = [];

    /// <summary>The context of a manifest; built when it is not kept.</summary>
    /// <param name="manifestHash">Names the manifest.</param>
    /// <param name="build">Builds the context; not cancelled by one of those who wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal Task<RunContext> GetAsync(string manifestHash, Func<Task<RunContext>> build, CancellationToken cancellationToken)
    {
        Task<RunContext> context;
        lock (_lock)
        {
            var at = _contexts.FindIndex(c => string.Equals(c.Hash, manifestHash, StringComparison.Ordinal));
            if (at >= 0 && !_contexts[at].Context.IsFaulted && !_contexts[at].Context.IsCanceled)
            {
                context = _contexts[at].Context;
                _contexts.RemoveAt(at);
            }
            else
            {
                // A build that failed is tried again by the next who asks.
                if (at >= 0)
                    _contexts.RemoveAt(at);
                context = Task.Run(build, CancellationToken.None);
                if (_contexts.Count >= Kept)
                    _contexts.RemoveAt(0);
            }

            _contexts.Add((manifestHash, context));
        }

        return context.WaitAsync(cancellationToken);
    }
}

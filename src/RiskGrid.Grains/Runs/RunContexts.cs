using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Grains.Runs;

/// <summary>The contexts of the runs that this silo works on, the last few of them: each is built once, however many items ask for it at
/// once. Thread-safe.</summary>
public sealed class RunContexts
{
    private const int Most = 4;

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
                if (_contexts.Count >= Most)
                    _contexts.RemoveAt(0);
            }

            _contexts.Add((manifestHash, context));
        }

        return context.WaitAsync(cancellationToken);
    }

    /// <summary>The sheet of a book at a sequence, if a run that is kept here has read it; what a sequence holds never changes.</summary>
    internal Sheet? Sheet(NodeId book, long sequence) =>
        Kept().Where(c => c.Manifest.Books.TryGetValue(book.Value, out var frozen) && frozen.Sequence == sequence)
            .SelectMany(c => c.Markets).Select(m => m.Sheet).FirstOrDefault(s => s.Book == book);

    /// <summary>The market snapshot of a hash, if a run that is kept here has read it.</summary>
    internal MarketSnapshot? Snapshot(string hash) =>
        Kept().Select(c => c.Snapshot).FirstOrDefault(s => string.Equals(s.Hash, hash, StringComparison.Ordinal));

    private List<RunContext> Kept()
    {
        lock (_lock)
            return [.. _contexts.Where(c => c.Context.IsCompletedSuccessfully).Select(c => c.Context.Result)];
    }
}

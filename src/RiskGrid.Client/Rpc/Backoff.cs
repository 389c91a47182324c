using System.Security.Cryptography;
using Polly;
using Polly.Retry;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>When to try again, and after which pause: exponential, capped, jittered, and never sooner than the server asks.</summary>
internal sealed class Backoff
{
    private readonly RpcChannelOptions _options;
    private readonly Lock _lock = new();

    // Seeded differently in each process on purpose: clients that failed together must not come back together.
#pragma warning disable RS0030 // Not a result: a pause.
    private readonly Random _jitter = new(RandomNumberGenerator.GetInt32(int.MaxValue));
#pragma warning restore RS0030

    public Backoff(RpcChannelOptions options)
    {
        _options = options;
        Bounded = Build(options.MaxRetries, IsTransient);
        Persistent = Build(int.MaxValue, IsTransient);
        PersistentThroughTimeouts = Build(int.MaxValue, e => IsTransient(e) || e.Status == RpcStatus.DeadlineExceeded);
    }

    /// <summary>A few tries.</summary>
    public ResiliencePipeline Bounded { get; }

    /// <summary>Tries until its token is cancelled.</summary>
    public ResiliencePipeline Persistent { get; }

    /// <summary>The same, for work whose single tries have deadlines of their own.</summary>
    public ResiliencePipeline PersistentThroughTimeouts { get; }

    /// <summary>Whether the call may succeed when tried again.</summary>
    public static bool IsTransient(RpcException failure) =>
        failure.Status == RpcStatus.Unavailable
        || (failure.Status is RpcStatus.ResourceExhausted or RpcStatus.Aborted && failure.RetryAfter is not null);

    /// <summary>The pause before try <paramref name="attempt"/> + 1, counted from zero.</summary>
    public TimeSpan DelayAfter(int attempt, RpcException? failure)
    {
        var asked = failure?.RetryAfter ?? TimeSpan.Zero;
        var growth = _options.FirstRetryDelay.TotalMilliseconds * (1L << Math.Min(attempt, 20));
        var capped = Math.Min(growth, _options.MaxRetryDelay.TotalMilliseconds);
        return asked + TimeSpan.FromMilliseconds(capped * (0.5 + NextJitter()));
    }

    private double NextJitter()
    {
        lock (_lock)
            return _jitter.NextDouble();
    }

    private ResiliencePipeline Build(int maxRetries, Func<RpcException, bool> isRetried)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = _options.Time };
        if (maxRetries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = maxRetries,
                ShouldHandle = arguments => new(arguments.Outcome.Exception is RpcException failure && isRetried(failure)),
                DelayGenerator = arguments => new(DelayAfter(arguments.AttemptNumber, arguments.Outcome.Exception as RpcException)),
            });
        }

        return builder.Build();
    }
}

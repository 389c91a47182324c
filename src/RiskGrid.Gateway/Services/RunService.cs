using System.Runtime.CompilerServices;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Grains;
using RiskGrid.Grains.Runs;
using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Gateway.Services;

/// <summary>Runs: started, followed, cancelled, listed, and their vectors.</summary>
public sealed class RunService(IGrains grains, SiloViews views, TimeProvider time)
{
    private readonly IGrains _grains = grains.WithTimeout(CallTimes.Usual);

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(100);

    // A change that was not heard of shows after this at the latest.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);

    /// <summary>The service with its handlers.</summary>
    public RpcService Bind() => new RpcService(RunsReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("RunService"))
        .Unary<StartRunRequest, Run>("StartRun", (request, context, token) => StartAsync(request, grains.For(context, time), token))
        .Unary<GetRunRequest, Run>("GetRun", (request, _, token) => Grain(_grains, request.RunId).GetRun(request).WaitAsync(token))
        .ServerStream<SubscribeRunRequest, Run>("SubscribeRun", (request, _, token) => SubscribeAsync(request, token))
        .Unary<CancelRunRequest, Run>("CancelRun", (request, _, token) => Grain(_grains, request.RunId).Cancel(request).WaitAsync(token))
        .Unary<ListRunsRequest, ListRunsResponse>("ListRuns", (request, _, token) => _grains.Get<IRunsGrain>(RunsGrain.Key).ListRuns(request).WaitAsync(token))
        .Unary<GetRunVectorRequest, GetRunVectorResponse>("GetRunVector", (request, context, token) => Grain(grains.For(context, time), request.RunId).GetVector(request, token).WaitAsync(token));

    private static IRunGrain Grain(IGrains grains, string runId)
    {
        try
        {
            return grains.Get<IRunGrain>(RunId.Parse(runId).Value);
        }
        catch (ValidationException e)
        {
            throw RpcException.InvalidField(e.Field, e.Reason);
        }
    }

    private Task<Run> StartAsync(StartRunRequest request, IGrains asked, CancellationToken cancellationToken)
    {
        if (request.RunId.Length == 0)
        {
            request = request.Clone();
#pragma warning disable RS0030 // Not a result: a name.
            request.RunId = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
#pragma warning restore RS0030
        }

        return Grain(asked, request.RunId).Start(request, cancellationToken).WaitAsync(cancellationToken);
    }

    private async IAsyncEnumerable<Run> SubscribeAsync(SubscribeRunRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var interval = request.MinIntervalMs == 0 ? DefaultInterval : TimeSpan.FromMilliseconds(request.MinIntervalMs);
        var grain = Grain(_grains, request.RunId);
        var question = new GetRunRequest { RunId = request.RunId };
        while (true)
        {
            // Taken before reading, so that no change slips between the two.
            var change = views.Runs.NextChange(request.RunId);
            var ended = views.Runs.Ended(request.RunId);
            Run run;
            try
            {
                run = await grain.GetRun(question).WaitAsync(cancellationToken);
            }
            catch (GridException e) when (Troubles.IsPassing(e))
            {
                // The run goes on while its silo, the broker or the ledger is away, and so does who follows it.
                await Task.Delay(RetryAfter, time, cancellationToken);
                continue;
            }
            catch (GrainCallException)
            {
                views.Runs.Forget(request.RunId);
                throw;
            }

            var sent = time.GetTimestamp();
            if (run.State != RunState.Running)
            {
                views.Runs.Forget(request.RunId);
                yield return run;
                yield break;
            }

            // The next one is read only when this one has left: a slow reader skips states and never waits for old ones.
            yield return run;
            await Task.WhenAny(change, Task.Delay(LongestSilence, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (interval - time.GetElapsedTime(sent) is { Ticks: > 0 } wait)
                await DelayAsync(wait, ended, cancellationToken);
        }
    }

    // The final state does not wait: nothing comes after it.
    private async Task DelayAsync(TimeSpan wait, CancellationToken ended, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ended);
        await Task.Delay(wait, time, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

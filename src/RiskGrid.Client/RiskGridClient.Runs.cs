using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Client;

/// <content>Runs.</content>
public sealed partial class RiskGridClient
{
    private static readonly RpcMethod<StartRunRequest, Run> StartRun = new(RunsReflection.Descriptor.Services[0], "StartRun");
    private static readonly RpcMethod<GetRunRequest, Run> GetRun = new(RunsReflection.Descriptor.Services[0], "GetRun");
    private static readonly RpcMethod<SubscribeRunRequest, Run> SubscribeRun = new(RunsReflection.Descriptor.Services[0], "SubscribeRun");
    private static readonly RpcMethod<CancelRunRequest, Run> CancelRun = new(RunsReflection.Descriptor.Services[0], "CancelRun");
    private static readonly RpcMethod<ListRunsRequest, ListRunsResponse> ListRuns = new(RunsReflection.Descriptor.Services[0], "ListRuns");
    private static readonly RpcMethod<GetRunVectorRequest, GetRunVectorResponse> GetRunVector = new(RunsReflection.Descriptor.Services[0], "GetRunVector");

    /// <summary>Starts a run; answered when its inputs are frozen and stored. Tried again when the server cannot be reached: the run has one
    /// id, made here when the caller gives none, and is started once.</summary>
    /// <param name="spec">What to compute.</param>
    /// <param name="runId">Chosen by the caller; made here when null.</param>
    /// <param name="cancellationToken">Gives up waiting; the run may have been started.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: the spec breaks a rule, see <see cref="RpcException.FieldViolations"/>; ALREADY_EXISTS:
    /// another run has this id.</exception>
    public Task<Run> StartRunAsync(RunSpec spec, string? runId = null, CancellationToken cancellationToken = default) =>
        Channel.UnaryAsync(StartRun, new StartRunRequest { RunId = runId ?? NewRunId(), Spec = spec }, Retried, cancellationToken);

    /// <summary>Computes a finished run again from its manifest alone and compares every bit; otherwise as <see cref="StartRunAsync"/>.</summary>
    /// <param name="rerunOf">The id of the finished run.</param>
    /// <param name="runId">The id of the rerun; made here when null.</param>
    /// <param name="cancellationToken">Gives up waiting; the run may have been started.</param>
    /// <exception cref="RpcException">NOT_FOUND: there is no such run; FAILED_PRECONDITION: it did not finish.</exception>
    public Task<Run> RerunAsync(string rerunOf, string? runId = null, CancellationToken cancellationToken = default) =>
        Channel.UnaryAsync(StartRun, new StartRunRequest { RunId = runId ?? NewRunId(), RerunOf = rerunOf }, Retried, cancellationToken);

    /// <summary>A run as it stands.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is no such run.</exception>
    public Task<Run> GetRunAsync(string runId, CancellationToken cancellationToken = default) =>
        Channel.UnaryAsync(GetRun, new GetRunRequest { RunId = runId }, Retried, cancellationToken);

    /// <summary>The run at once, then as it goes on; ends after the message with its final state, which has the result. When the connection
    /// breaks or the server restarts, subscribes again with backoff, at the next gateway where there are several: the run goes on by itself.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="minInterval">Least time between two messages; null leaves it to the server.</param>
    /// <param name="onBroken">Told each time the subscription broke, before the next try.</param>
    /// <param name="cancellationToken">Ends the subscription, not the run.</param>
    /// <exception cref="RpcException">The server refused for good: NOT_FOUND …</exception>
    public IAsyncEnumerable<Run> SubscribeRunAsync(
        string runId, TimeSpan? minInterval = null, Action<RpcException>? onBroken = null, CancellationToken cancellationToken = default)
    {
        var request = new SubscribeRunRequest { RunId = runId, MinIntervalMs = Milliseconds(minInterval) };
        return ResubscribeAsync(SubscribeRun, request, onBroken, cancellationToken);
    }

    /// <summary>Waits for the end of a run: finished, failed or cancelled.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="progress">Told how it goes.</param>
    /// <param name="cancellationToken">Gives up waiting, not the run.</param>
    /// <exception cref="RpcException">The server refused for good: NOT_FOUND …</exception>
    public async Task<Run> WaitForRunAsync(string runId, IProgress<Run>? progress = null, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            await foreach (var run in SubscribeRunAsync(runId, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                progress?.Report(run);
                if (run.State != RunState.Running)
                    return run;
            }
        }
    }

    /// <summary>Stops a run that is not over.</summary>
    /// <returns>The run as it then stands.</returns>
    /// <exception cref="RpcException">NOT_FOUND: there is no such run.</exception>
    public Task<Run> CancelRunAsync(string runId, CancellationToken cancellationToken = default) =>
        Channel.UnaryAsync(CancelRun, new CancelRunRequest { RunId = runId }, Retried, cancellationToken);

    /// <summary>Runs, newest first, without manifests and results; further pages are asked for as they are read.</summary>
    /// <param name="state">Only runs in this state; all when unspecified.</param>
    /// <param name="pageSize">Runs in one page, at most 1,000; 0 leaves it to the server.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async IAsyncEnumerable<Run> ListRunsAsync(
        RunState state = RunState.Unspecified, int pageSize = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new ListRunsRequest { State = state, PageSize = (uint)pageSize };
        do
        {
            var page = await Channel.UnaryAsync(ListRuns, request, Retried, cancellationToken).ConfigureAwait(false);
            foreach (var run in page.Runs)
                yield return run;
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    /// <summary>A node's whole P&amp;L vector of a finished run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="path">The node; the run's scope when empty.</param>
    /// <param name="leg">As in the result's legs; the first when empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RpcException">NOT_FOUND: no such run, leg or node, or the run keeps no vectors.</exception>
    public async Task<RunVector> GetRunVectorAsync(string runId, string path = "", string leg = "", CancellationToken cancellationToken = default)
    {
        var request = new GetRunVectorRequest { RunId = runId, Path = path, Leg = leg };
        var response = await Channel.UnaryAsync(GetRunVector, request, Retried, cancellationToken).ConfigureAwait(false);
        var pnl = new double[response.Pnl.Length / sizeof(double)];
        for (var i = 0; i < pnl.Length; i++)
            pnl[i] = BinaryPrimitives.ReadDoubleLittleEndian(response.Pnl.Span[(i * sizeof(double))..]);
        return new RunVector(response.Leg, response.Path, pnl, response.Labels, response.ScenarioSetHash);
    }

    private static string NewRunId()
    {
#pragma warning disable RS0030 // Not a result: a name.
        return Guid.CreateVersion7().ToString("N");
#pragma warning restore RS0030
    }
}

/// <summary>A node's P&amp;L under every scenario of a leg, in scenario order, in the reporting currency.</summary>
/// <param name="Leg">The leg.</param>
/// <param name="Path">The node.</param>
/// <param name="Pnl">One number per scenario; negative for a loss.</param>
/// <param name="Labels">The scenarios' names: a day, or a name.</param>
/// <param name="ScenarioSetHash">The hash of the scenario set.</param>
public sealed record RunVector(string Leg, string Path, IReadOnlyList<double> Pnl, IReadOnlyList<string> Labels, string ScenarioSetHash);

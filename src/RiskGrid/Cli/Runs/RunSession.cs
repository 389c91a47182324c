using RiskGrid.Client;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Runs;

/// <summary>One run from its start to its end, as a person at a terminal lives through it: progress on stderr, and Ctrl-C stops the run itself.</summary>
internal sealed class RunSession(RiskGridClient client, bool quiet)
{
    // Within the time that an interrupted command is given to end (CommandLine).
    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(5);

    /// <summary>Starts a run and waits for its end, unless it is only to be started.</summary>
    /// <param name="runId">Known before the start, so that an interrupt can name the run.</param>
    /// <param name="start">Asks the server.</param>
    /// <param name="detach">Do not wait.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run as it ended, or as it stands where it goes on.</returns>
    public async Task<Run> RunAsync(string runId, Func<CancellationToken, Task<Run>> start, bool detach, CancellationToken cancellationToken)
    {
        try
        {
            return await RunBar.ShowAsync(quiet || detach, runId, async bar =>
            {
                var run = await start(cancellationToken);
                return detach || run.State != RunState.Running ? run : await FollowAsync(runId, bar, cancellationToken);
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return await CancelAsync(runId) ?? throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Waits for the end of a run. An interrupt ends the waiting, not the run.</summary>
    public Task<Run> FollowAsync(string runId, CancellationToken cancellationToken) =>
        RunBar.ShowAsync(quiet, runId, bar => FollowAsync(runId, bar, cancellationToken));

    private async Task<Run> FollowAsync(string runId, RunBar? bar, CancellationToken cancellationToken)
    {
        await foreach (var run in client.SubscribeRunAsync(
            runId, onBroken: e => Console.Error.WriteLine($"riskgrid: the connection broke ({e.Message}); {runId} goes on by itself, asking again"), cancellationToken: cancellationToken))
        {
            bar?.Report(run);
            if (run.State != RunState.Running)
                return run;
        }

        return await client.GetRunAsync(runId, cancellationToken);
    }

    // Null when the run was never started.
    private async Task<Run?> CancelAsync(string runId)
    {
        using var limit = new CancellationTokenSource(CancelLimit);
        try
        {
            return await client.CancelRunAsync(runId, limit.Token);
        }
        catch (RpcException e) when (e.Status == RpcStatus.NotFound)
        {
            return null;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"riskgrid: interrupted, but {runId} could not be cancelled and may go on; stop it with: riskgrid runs cancel {runId}");
            return null;
        }
    }
}

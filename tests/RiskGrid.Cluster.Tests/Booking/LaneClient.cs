using System.Diagnostics;
using RiskGrid.Client;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>Sends a lane's commands until each is answered for good, and accepts nothing but what was foreseen and what may be retried.</summary>
/// <remarks>Single tries, not the client's own retries, so that every failure that a client can see is judged here.</remarks>
internal sealed class LaneClient(RiskGridClient client, CommandLane lane, Tally tally)
{
    private static readonly RpcMethod<BookTradesRequest, BookTradesResponse> BookTrades = new(TradesReflection.Descriptor.Services[0], "BookTrades");

    // Shorter than what a frozen silo holds a partition: commands are sent again while the first sending still waits there.
    private static readonly RpcCallOptions Try = new() { Timeout = TimeSpan.FromSeconds(9) };
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private (int Commands, long Since) _underWay;

    public CommandLane Lane => lane;

    /// <summary>How many commands wait for their answer, and for how long since they were first sent.</summary>
    public (int Commands, TimeSpan For) UnderWay
    {
        get
        {
            lock (lane)
                return _underWay.Commands == 0 ? default : (_underWay.Commands, Stopwatch.GetElapsedTime(_underWay.Since));
        }
    }

    /// <summary>Sends everything, or until the time is over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (!lane.IsDone && tally.Holds(lane) && !tally.IsOver)
                await Task.Delay(Turn, cancellationToken);
            if (lane.IsDone || tally.IsOver)
                return;
            var batch = lane.NextBatch();
            SetUnderWay(batch.Count);
            await SendAsync(batch, cancellationToken);
            SetUnderWay(0);
        }
    }

    private async Task SendAsync(List<Planned> batch, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        var pause = FirstPause;
        var why = "";
        while (batch.Count > 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"{lane.Name}: {batch[0].Command} and {batch.Count - 1} more were not answered within {Patience}: {why}");
            try
            {
                var request = new BookTradesRequest { Author = lane.Name, Commands = { batch.Select(p => p.Command) } };
                var response = await client.Channel.UnaryAsync(BookTrades, request, Try, cancellationToken);
                Assert.Equal(batch.Select(p => p.Command.CommandId), response.Results.Select(r => r.CommandId));
                var again = new List<Planned>();
                foreach (var (planned, result) in batch.Zip(response.Results))
                {
                    if (result.Outcome == Outcome.Retry)
                    {
                        again.Add(planned);
                        why = result.Reason;
                    }
                    else
                    {
                        Judge(planned, result);
                    }
                }

                batch = again;
            }
            catch (RpcException e) when (e.Status is RpcStatus.Unavailable or RpcStatus.DeadlineExceeded or RpcStatus.ResourceExhausted)
            {
                tally.CountFailure(e.Status);
                why = e.Message;
            }

            if (batch.Count == 0)
                return;
            tally.CountRetries(batch.Count);
            await Task.Delay(pause, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private void Judge(Planned planned, TradeResult result)
    {
        Assert.True(
            (result.Outcome, result.Version, result.Field) == (planned.IsApplied ? Outcome.Applied : Outcome.Refused, planned.Version, planned.RefusedField),
            $"{lane.Name}: {planned.Command} must end as version {planned.Version} '{planned.RefusedField}' and was answered {result}");
        Assert.Equal(planned.Command.TradeId, result.TradeId);
        planned.Result = result;
        tally.Count(planned);
    }

    private void SetUnderWay(int commands)
    {
        lock (lane)
            _underWay = (commands, Stopwatch.GetTimestamp());
    }
}

using RabbitMQ.Client;

namespace RiskGrid.Grid.RabbitMq;

/// <content>Leaving in good order.</content>
internal sealed partial class Session
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    // A broker out of memory or disk does not read.
    private static readonly TimeSpan FinishPatience = TimeSpan.FromSeconds(5);

    /// <summary>Hands everything over, or, as the last silo, finishes it. Ends early when the session is lost.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Ended);
        var token = either.Token;
        Members.Leave();
        if (Kinds.Count == 0 || Members.OthersHost(Kinds))
        {
            await HandOverAsync(token).ConfigureAwait(false);
            await WhenQuietAsync(Options.LeaveTime, token).ConfigureAwait(false);
        }
        else if (!await LeaveLastAsync(token).ConfigureAwait(false))
        {
            // What still comes waits in the queues for the next silo.
            await HandOverAsync(token).ConfigureAwait(false);
        }

        try
        {
            await Task.WhenAll(Replies.FinishAsync(), Broadcasts.FinishAsync()).WaitAsync(FinishPatience, Clock, token).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            Report("leaving", new TimeoutException("The broker does not take the last replies: other silos may do again what they answer.", exception));
        }

        _leaving = true;
        await Task.WhenAll(CloseAsync(_sending?.Open), CloseAsync(_listening?.Open)).ConfigureAwait(false);

        static async Task CloseAsync(IConnection? connection)
        {
            if (connection is { IsOpen: true })
                await connection.CloseAsync(Constants.ReplySuccess, "left", ClosePatience, abort: true, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task HandOverAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Work.CloseAsync(cancellationToken), Ownership.CloseAsync(cancellationToken)).ConfigureAwait(false);
        await Host.DrainAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Nobody else takes this silo's calls: it goes on taking them until none is left. False: they have not ended in time.</summary>
    private async Task<bool> LeaveLastAsync(CancellationToken cancellationToken)
    {
        var start = Clock.GetTimestamp();
        while (true)
        {
            await WhenQuietAsync(Left(), cancellationToken).ConfigureAwait(false);
            var before = Outbox.Sent + Ownership.Taken;
            try
            {
                // While calls come there is always another activation to wait for.
                await Host.DrainAsync(cancellationToken).WaitAsync(Left(), Clock, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }

            if (before == Outbox.Sent + Ownership.Taken && IsQuiet)
                return true;
            if (Left() == TimeSpan.Zero)
                return false;
        }

        TimeSpan Left() => Options.LeaveTime - Clock.GetElapsedTime(start) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private bool IsQuiet => Outbox.IsQuiet && Ownership.IsQuiet && Work.IsQuiet;

    private async Task WhenQuietAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        // Rare and short, and what would have to signal it is on every call's path.
        var start = Clock.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5), Clock);
        while (!IsQuiet && Clock.GetElapsedTime(start) < limit)
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
    }
}

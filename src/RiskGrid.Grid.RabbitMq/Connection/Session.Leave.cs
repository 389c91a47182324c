using RabbitMQ.Client;

namespace RiskGrid.Grid.RabbitMq;

/// <content>Leaving in good order.</content>
internal sealed partial class Session
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    /// <summary>Hands everything over, or, as the last silo, finishes it. Ends early when the session is lost.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Ended);
        var token = either.Token;
        Members.Leave();
        if (Kinds.Count == 0 || Members.OthersHost(Kinds))
        {
            await Task.WhenAll(Work.CloseAsync(token), Ownership.CloseAsync(token)).ConfigureAwait(false);
            await Host.DrainAsync(token).ConfigureAwait(false);
            await WhenQuietAsync(token).ConfigureAwait(false);
        }
        else
        {
            await LeaveLastAsync(token).ConfigureAwait(false);
        }

        await Replies.FinishAsync().WaitAsync(token).ConfigureAwait(false);
        await Broadcasts.FinishAsync().WaitAsync(token).ConfigureAwait(false);
        _leaving = true;
        await Task.WhenAll(CloseAsync(_sending?.Open), CloseAsync(_listening?.Open)).ConfigureAwait(false);

        static async Task CloseAsync(IConnection? connection)
        {
            if (connection is { IsOpen: true })
                await connection.CloseAsync(Constants.ReplySuccess, "left", ClosePatience, abort: true, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Nobody else takes this silo's calls: it goes on taking them until none is left.</summary>
    private async Task LeaveLastAsync(CancellationToken cancellationToken)
    {
        var deadline = Clock.GetTimestamp();
        long before;
        do
        {
            await WhenQuietAsync(cancellationToken).ConfigureAwait(false);
            before = Outbox.Sent + Ownership.Taken;
            await Host.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        while ((before != Outbox.Sent + Ownership.Taken || !IsQuiet) && Clock.GetElapsedTime(deadline) < Options.LeaveTime);
    }

    private bool IsQuiet => Outbox.IsQuiet && Ownership.IsQuiet && Work.IsQuiet;

    private async Task WhenQuietAsync(CancellationToken cancellationToken)
    {
        // Rare and short, and what would have to signal it is on every call's path.
        var start = Clock.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5), Clock);
        while (!IsQuiet && Clock.GetElapsedTime(start) < Options.LeaveTime)
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
    }
}

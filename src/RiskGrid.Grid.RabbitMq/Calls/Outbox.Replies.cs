using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <content>Outcomes, and calls that came to a silo which may not take them.</content>
internal sealed partial class Outbox
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(2);

    private ValueTask OnReplies(Incoming message)
    {
        var batch = ReplyBatch.Parser.ParseFrom(message.Body.Span);
        var now = session.Clock.GetTimestamp();
        foreach (var reply in batch.Replies)
        {
            // The first outcome wins: a repetition finds nothing here.
            if (!_unanswered.TryRemove(reply.MessageId, out var parcel))
                continue;
            if (parcel.Route is { } route)
                route.Peer.LastHeard = now;
            Answered(parcel, replied: true);
            parcel.Settle(reply);
        }

        if (batch.Returned.Count > 0)
            OnReturned(batch.Returned);
        return ValueTask.CompletedTask;
    }

    private void OnReturned(IEnumerable<string> ids)
    {
        var lanes = new HashSet<Lane>();
        foreach (var id in ids)
        {
            if (!_unanswered.TryGetValue(id, out var parcel))
                continue;
            lock (parcel.Lane.Gate)
                parcel.Lane.Return(parcel);
            lanes.Add(parcel.Lane);
        }

        foreach (var lane in lanes)
        {
            lock (lane.Gate)
            {
                lane.Recall();
                Wake(lane);
            }
        }
    }

    /// <summary>Calls whose callers gave up do not take part in what may be under way.</summary>
    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(SweepInterval, session.Clock);
        while (await timer.WaitForNextTickAsync(session.Ended).ConfigureAwait(false))
        {
            foreach (var (id, parcel) in _unanswered)
            {
                if ((parcel.IsSettled || parcel.IsDone) && _unanswered.TryRemove(id, out _))
                    Answered(parcel, replied: false);
            }
        }
    }
}

namespace RiskGrid.Grid.RabbitMq;

/// <summary>What waits for one queue of the broker, in order, and what of it is under way. All under <see cref="Gate"/>.</summary>
internal sealed class Lane(string queue, string type, int batchLimit, int unconfirmedLimit, int unansweredLimit)
{
    public Lock Gate { get; } = new();

    public string Queue => queue;

    /// <summary>What its messages carry.</summary>
    public string Type => type;

    public Queue<Parcel> Waiting { get; } = new();

    public long WaitingBytes { get; set; }

    /// <summary>Messages that the broker has not confirmed.</summary>
    public int Unconfirmed { get; set; }

    /// <summary>Requests that are sent and not answered.</summary>
    public int Unanswered { get; set; }

    /// <summary>The sender is going to look at it.</summary>
    public bool IsQueued { get; set; }

    public bool CanSend => Waiting.Count > 0 && Unconfirmed < unconfirmedLimit && Unanswered < unansweredLimit;

    /// <summary>Takes what goes in one message: at least one parcel if any is left that somebody waits for.</summary>
    public void Take(List<Parcel> batch, int byteLimit, List<Parcel> settled)
    {
        var bytes = 0;
        while (batch.Count < batchLimit && Waiting.TryPeek(out var parcel))
        {
            var isSettled = parcel.IsSettled;
            if (!isSettled && batch.Count > 0 && bytes + parcel.Size > byteLimit)
                return;
            Waiting.Dequeue();
            WaitingBytes -= parcel.Size;
            (isSettled ? settled : batch).Add(parcel);
            if (!isSettled)
                bytes += parcel.Size;
        }
    }
}

namespace RiskGrid.Grid.RabbitMq;

/// <summary>A queue has no leader: its broker nodes are down, or one was killed within half a second of making it.</summary>
internal sealed class SilentQueueException(string queue, Exception inner) : Exception($"The queue {queue} does not answer.", inner)
{
    public string Queue => queue;
}

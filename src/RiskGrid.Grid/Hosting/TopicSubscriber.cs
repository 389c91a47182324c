using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>One subscriber's queue: messages one by one, in order of arrival.</summary>
internal sealed class TopicSubscriber(Silo silo, string topic, Func<IMessage, ValueTask> handler, Action<TopicSubscriber> remove)
    : IThreadPoolWorkItem, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<IMessage> _waiting = [];
    private bool _scheduled;
    private bool _disposed;
    private bool _overflowing;

    public void Enqueue(IMessage message)
    {
        var overflow = false;
        lock (_gate)
        {
            if (_disposed)
                return;
            if (_waiting.Count >= silo.Options.TopicQueueLimit)
            {
                _waiting.Dequeue();
                overflow = !_overflowing;
                _overflowing = true;
            }

            _waiting.Enqueue(message);
            if (!_scheduled)
            {
                _scheduled = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        // Once per overflow, not once per message.
        if (overflow)
            Report(new GrainOverloadedException(
                $"A subscriber of '{topic}' is {silo.Options.TopicQueueLimit} messages behind: the oldest are dropped."));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _waiting.Clear();
        }

        remove(this);
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        while (true)
        {
            IMessage? message;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out message))
                {
                    _scheduled = false;
                    _overflowing = false;
                    return;
                }
            }

            try
            {
                await handler(message).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // A subscriber's exception is its own: the next message goes on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Report(exception);
            }
        }
    }

    private void Report(Exception exception) =>
        silo.Report(new GrainError(GrainErrorSource.Topic, topic, "", handler.Method.Name, exception));
}

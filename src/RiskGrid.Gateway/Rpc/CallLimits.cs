namespace RiskGrid.Gateway.Rpc;

/// <summary>Bounds the calls in flight, so that a flood is refused at once instead of queued. Unary calls and streams are counted apart.
/// A connection that has no call of its own in flight may use the reserve above the bound: one flooding client cannot keep others out.</summary>
internal sealed class CallLimits(GatewayOptions options)
{
    private int _calls;
    private int _streams;

    public bool TryEnter(ConnectionCalls connection, bool isStreaming) =>
        isStreaming
            ? TryEnter(ref _streams, ref connection.Streams, options.MaxConcurrentStreams, options.MaxConcurrentStreamsPerConnection)
            : TryEnter(ref _calls, ref connection.Calls, options.MaxConcurrentCalls, options.MaxConcurrentCallsPerConnection);

    public void Leave(ConnectionCalls connection, bool isStreaming)
    {
        Interlocked.Decrement(ref isStreaming ? ref _streams : ref _calls);
        Interlocked.Decrement(ref isStreaming ? ref connection.Streams : ref connection.Calls);
    }

    private static bool TryEnter(ref int total, ref int own, int maxTotal, int maxOwn)
    {
        var mine = Interlocked.Increment(ref own);
        var all = Interlocked.Increment(ref total);
        var bound = mine == 1 ? maxTotal + (maxTotal / 4) + 1 : maxTotal;
        if (mine <= maxOwn && all <= bound)
            return true;
        Interlocked.Decrement(ref total);
        Interlocked.Decrement(ref own);
        return false;
    }
}

/// <summary>The calls in flight on one connection; changed by <see cref="CallLimits"/> only.</summary>
internal sealed class ConnectionCalls
{
    public int Calls;
    public int Streams;
}

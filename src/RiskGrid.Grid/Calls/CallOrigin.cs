namespace RiskGrid.Grid;

/// <summary>Where calls come from: hands out references, and stamps their calls with a sender and a time limit.</summary>
internal sealed class CallOrigin(Silo silo, string sender, TimeSpan? timeout = null) : IGrains
{
    public string Sender => sender;

    public TimeProvider Time => silo.Time;

    public IGridEngine Engine => silo.Engine;

    public TimeSpan? Timeout => timeout;

    public TGrain Get<TGrain>(string key)
        where TGrain : class, IGrain
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return GrainProxy<TGrain>.Create(this, key);
    }

    public IGrains WithTimeout(TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        return new CallOrigin(silo, sender, limit);
    }

    public Task Send(LocalOneWayCall call)
    {
        if (silo.RefusalFor(sender) is { } refusal)
            return Task.FromException(refusal);
        call.Trace = CallTrace.Send(call.Method.Kind, call.Method.Name, call.Key, Time);
        var handedOver = Engine.CallAsync(call);
        call.Trace?.EndSent(null);
        return handedOver.IsCompletedSuccessfully ? Task.CompletedTask : handedOver.AsTask();
    }

    public Task<TReply> Request<TReply>(LocalCall<TReply> call)
        where TReply : class, Google.Protobuf.IMessage
    {
        if (silo.RefusalFor(sender) is { } refusal)
        {
            call.Fail(refusal);
            return call.Reply;
        }

        call.Trace = CallTrace.Send(call.Method.Kind, call.Method.Name, call.Key, Time);
        call.StartLimits();
        HandOver(call);
        return call.Reply;
    }

    /// <summary>Gives the call to the engine; if that fails, so does the call.</summary>
    public void HandOver(GrainCall call)
    {
        var handedOver = Engine.CallAsync(call);
        if (!handedOver.IsCompletedSuccessfully)
            _ = FailUnlessHandedOverAsync(handedOver, call);
    }

    private static async Task FailUnlessHandedOverAsync(ValueTask handedOver, GrainCall call)
    {
        try
        {
            await handedOver.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // An engine's exception of any type is the outcome of the call.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            call.Fail(Faults.Describe(exception));
        }
    }
}

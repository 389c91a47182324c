using System.Runtime.CompilerServices;
using Google.Protobuf;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Client;

/// <content>Subscriptions.</content>
public sealed partial class RiskGridClient
{
    /// <summary>The latest rollup of each node at once, then newer ones as they come; a slow reader skips versions, never the newest. When
    /// the connection breaks or the server restarts, subscribes again with backoff, at the next gateway where there are several, and the
    /// latest rollup of each node comes again: one that was seen already may come twice, and one from a gateway that lags may be older for a
    /// moment; the newest always follows.</summary>
    /// <param name="path"><c>/</c> is the firm.</param>
    /// <param name="depth">Levels below to include: 0 the node alone, -1 all.</param>
    /// <param name="minInterval">Least time between two updates of one node; null leaves it to the server.</param>
    /// <param name="onBroken">Told each time the subscription broke, before the next try.</param>
    /// <param name="cancellationToken">Ends the subscription.</param>
    /// <exception cref="RpcException">The server refused for good: NOT_FOUND, INVALID_ARGUMENT …</exception>
    public IAsyncEnumerable<Rollup> SubscribeRollupsAsync(
        string path, int depth = 0, TimeSpan? minInterval = null, Action<RpcException>? onBroken = null, CancellationToken cancellationToken = default)
    {
        var request = new SubscribeRollupsRequest { Path = path, Depth = depth, MinIntervalMs = Milliseconds(minInterval) };
        return ResubscribeAsync(SubscribeRollups, request, onBroken, cancellationToken);
    }

    private static uint Milliseconds(TimeSpan? interval) => (uint)Math.Clamp((interval ?? TimeSpan.Zero).TotalMilliseconds, 0, uint.MaxValue);

    private async IAsyncEnumerable<TResponse> ResubscribeAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, Action<RpcException>? onBroken,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        for (var failures = 0; ; failures++)
        {
            RpcException? broken = null;
            var source = Channel.ServerStreamAsync(method, request, null, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (source.ConfigureAwait(false))
            {
                while (true)
                {
                    try
                    {
                        if (!await source.MoveNextAsync().ConfigureAwait(false))
                            yield break;
                        failures = 0;
                    }
                    catch (RpcException e) when (Backoff.IsTransient(e))
                    {
                        broken = e;
                        break;
                    }

                    yield return source.Current;
                }
            }

            onBroken?.Invoke(broken);
            await Task.Delay(Channel.Backoff.DelayAfter(failures, broken), Channel.Options.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}

using RiskGrid.Gateway.Rpc;
using RiskGrid.Grains;
using RiskGrid.Grid;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Gateway.Services;

/// <summary>Quotes in.</summary>
public sealed class MarketService(IGrains grains, SiloViews views)
{
    private readonly IGrains _grains = grains.WithTimeout(CallTimes.Usual);

    /// <summary>The service with its handlers.</summary>
    public RpcService Bind() => new RpcService(MarketReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("MarketService"))
        .ClientStream<QuoteBatch, PublishQuotesResponse>("PublishQuotes", (batches, _, token) => PublishAsync(batches, token))
        .Unary<GetMarketRequest, GetMarketResponse>("GetMarket", (request, _, token) => Market(request.Market).GetMarket(request).WaitAsync(token));

    private async Task<PublishQuotesResponse> PublishAsync(IAsyncEnumerable<QuoteBatch> batches, CancellationToken cancellationToken)
    {
        var total = new PublishQuotesResponse();
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            var step = await Market(batch.Market).Publish(batch).WaitAsync(cancellationToken);
            total.Accepted += step.Accepted;
            total.Refused += step.Refused;
            total.Market = step.Market;
            total.Refusals.AddRange(step.Refusals.Take(IMarketGrain.MaxRefusals - total.Refusals.Count));
        }

        return total;
    }

    private IMarketGrain Market(string name)
    {
        var market = name.Length == 0 ? views.Market : name;
        return string.Equals(market, views.Market, StringComparison.Ordinal)
            ? _grains.Get<IMarketGrain>(market)
            : throw new RpcException(RpcStatus.NotFound, $"there is no market '{name}'; this server prices from '{views.Market}'");
    }
}

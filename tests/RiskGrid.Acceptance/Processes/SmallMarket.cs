using Google.Protobuf.WellKnownTypes;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Acceptance.Processes;

/// <summary>A market of one index and one expiry, and options on it: enough for every command, and priced at once.</summary>
internal static class SmallMarket
{
    public const string Root = "SPXW";
    public const string ExpiryDate = "2026-02-20";
    public const double Spot = 6900;

    public static readonly double[] Strikes = [6800, 6900, 7000];

    public static readonly Timestamp AsOf = Timestamp.FromDateTime(new DateTime(2026, 1, 30, 21, 15, 0, DateTimeKind.Utc));

    /// <summary>Every quote that the options below need, and the valuation instant.</summary>
    public static QuoteBatch Quotes()
    {
        var batch = new QuoteBatch { Valuation = AsOf };
        void Add(string factor, double value) => batch.Quotes.Add(new Quote { Factor = factor, Value = value, AsOf = AsOf });
        Add("IDX.SP500", Spot);
        Add("ZC.USD.1Y", 0.04);
        Add("ZC.USD.5Y", 0.038);
        Add($"DIV.{Root}.{ExpiryDate}", 0.012);
        Add($"SKEW.{Root}.{ExpiryDate}", -0.5);
        foreach (var strike in Strikes)
        {
            foreach (var side in new[] { 'C', 'P' })
            {
                Add($"VOL.{Root}.{ExpiryDate}.{strike:R}{side}", 0.15 + (0.00005 * (Spot - strike)));
                Add($"HALF.{Root}.{ExpiryDate}.{strike:R}{side}", 0.2);
            }
        }

        return batch;
    }

    public static async Task PublishAsync(RiskGridClient client, QuoteBatch batch)
    {
        var response = await client.PublishQuotesAsync(One(batch));
        Assert.True(response.Refused == 0, $"quotes were refused: {response.Refusals}");
    }

    public static TradeTerms Terms(string book, double quantity, double strike = Spot, OptionType type = OptionType.Call) => new()
    {
        Book = book,
        Quantity = quantity,
        Counterparty = "ACCEPTANCE",
        Instrument = new Instrument
        {
            EuropeanOption = new EuropeanOption
            {
                Root = Root,
                Underlying = "IDX.SP500",
                ZeroCurve = "USD",
                Type = type,
                Strike = strike,
                ExpiryDate = ExpiryDate,
                ExpiryTime = "16:00",
                Currency = "USD",
                Multiplier = 100,
            },
        },
    };

    public static TradeCommand Book(string trade, string book, double quantity, double strike = Spot, OptionType type = OptionType.Call) =>
        new() { CommandId = $"{trade}:book", TradeId = trade, Book = Terms(book, quantity, strike, type) };

    public static HierarchyNode Node(string id, string kind, string parent) => new() { Id = id, Kind = kind, Name = id, Parent = parent };

    private static async IAsyncEnumerable<QuoteBatch> One(QuoteBatch batch)
    {
        await Task.CompletedTask;
        yield return batch;
    }
}

using Google.Protobuf;
using RiskGrid.Model;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>Random commands, right and wrong, new and repeated, among random quotes and changes of the tree, through an engine that repeats, delays
/// and loses ownership; against a model of a few lines.</summary>
public sealed class FuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Any_mixture_ends_as_the_model_says(int seed)
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = TestSiloOptions.Strict((ulong)seed, lost: 0.03) });
        await silo.PutAsync(SmallFirm.Nodes);
        await silo.PublishAsync(SmallFirm.Quotes(), SmallFirm.Valuation);
        var random = new Random(seed);
        var model = new Model(random);
        for (var step = 0; step < 250; step++)
        {
            var where = $"seed {seed}, step {step}";
            switch (random.Next(10))
            {
                case 0:
                    var factor = SmallFirm.Market.ElementAt(random.Next(SmallFirm.Market.Count));
                    await silo.PublishAsync(SmallFirm.Quote(factor.Key, factor.Value * (1 + (0.02 * random.NextDouble()))));
                    break;
                case 1 when random.Next(4) == 0:
                    await silo.PutAsync(SmallFirm.Book(SmallFirm.Apple, "APPLE", random.Next(2) == 0 ? "D-INDEX" : "A-STOCK"));
                    break;
                default:
                    var (command, expected) = model.Next(step);
                    var book = await BookOf(silo, command);
                    var result = (await silo.SendAsync(book, command)).Results[0];
                    model.Check(command, result, expected, where);
                    break;
            }

            if (step % 50 == 49)
                await CheckAsync(silo, model, where);
        }
    }

    // As the front door routes: by the book of a booking, by where the trade is for all else.
    private static async Task<string> BookOf(TestSilo silo, Wire.TradeCommand command)
    {
        if (command.ActionCase == Wire.TradeCommand.ActionOneofCase.Book)
            return command.Book.Book;
        var located = (await silo.Trade(command.TradeId).Locate().Within("the trade is located")).Book;
        return located.Length > 0 ? located : SmallFirm.Near;
    }

    private static async Task CheckAsync(TestSilo silo, Model model, string where)
    {
        // A repeated quote may come late and put an older one back: the numbers are those of the market as it stands at both ends.
        await Patience.Eventually("the market stands still while the firm settles", async () =>
        {
            var before = await silo.MarketAsync();
            var settled = await silo.SettleAsync();
            if (!before.Equals(await silo.MarketAsync()) || !Same(settled, await silo.Tree.GetHierarchy()))
                return false;
            new FirmModel(settled.Hierarchy, model.Live, FirmModel.Snapshot(before), SmallFirm.Scenarios).Check(settled, where);
            return true;
        });
        Assert.Empty(silo.Log.Errors);
    }

    private static bool Same(SettledFirm settled, Wire.GetHierarchyResponse tree) =>
        tree.Nodes.Select(n => n.Path).SequenceEqual(settled.Hierarchy.TopDown().Select(n => settled.Hierarchy.PathOf(n.Id)), StringComparer.Ordinal);

    private sealed class Model(Random random)
    {
        private readonly Dictionary<string, Trade> _trades = new(StringComparer.Ordinal);
        private readonly List<(Wire.TradeCommand Command, Wire.TradeResult Result)> _done = [];

        public IEnumerable<Trade> Live => _trades.Values.Where(t => t.Lifecycle == TradeLifecycle.Live);

        /// <summary>A command, and what must come of it: applied, refused for a field, or the very bytes of the first time.</summary>
        public (Wire.TradeCommand Command, object Expected) Next(int step)
        {
            var id = $"c{step}";
            var book = SmallFirm.Books[random.Next(SmallFirm.Books.Count)];
            var terms = SmallFirm.Terms(book, 0.8 + (0.04 * random.Next(10)), random.Next(-50, 50));
            var some = _trades.Count == 0 ? null : _trades.Values.ElementAt(random.Next(_trades.Count));
            switch (random.Next(9))
            {
                case 0 when _done.Count > 0:
                    var (command, result) = _done[random.Next(_done.Count)];
                    return (command, result);
                case 1 when _done.Count > 0 && _done[random.Next(_done.Count)].Command.CommandId is var used:
                    return (Commands.Book(used, $"other{step}", terms), "command_id");
                case 2 when some is not null:
                    return (Commands.Book(id, some.Id.Value, some.Terms), "trade_id");
                case 3 when some is not null:
                    return (Commands.Amend(id, some.Id.Value, some.Version + 1, terms), some.Lifecycle == TradeLifecycle.Live ? "expected_version" : "trade_id");
                case 4 when some is not null:
                    return (Commands.Cancel(id, some.Id.Value, some.Version), Change(some, some with { Version = some.Version + 1, Lifecycle = TradeLifecycle.Cancelled }));
                case 5 or 6 when some is not null:
                    return (Commands.Amend(id, some.Id.Value, some.Version, terms), Change(some, some with { Version = some.Version + 1, Terms = terms }));
                case 7 when random.Next(3) == 0:
                    return (Commands.Book(id, $"t{step}", terms.In("D-EURO")), "book");
                default:
                    return (Commands.Book(id, $"t{step}", terms), new Trade(TradeId.Parse($"t{step}"), 1, terms, TradeLifecycle.Live));
            }
        }

        public void Check(Wire.TradeCommand command, Wire.TradeResult result, object expected, string where)
        {
            where = $"{where}: {command}\n{result}";
            switch (expected)
            {
                case Wire.TradeResult first:
                    Assert.True(first.ToByteString().Equals(result.ToByteString()), $"{where}\na retry gets the bytes of\n{first}");
                    return;
                case string field:
                    Assert.True(result.Outcome == Outcome.Refused && result.Field == field, $"{where}\nis refused for {field}");

                    // What the ledger never saw is not stored: the same command may be sent again.
                    if (field is not ("command_id" or "book"))
                        _done.Add((command, result));
                    return;
                case Trade trade:
                    Assert.True(result.Outcome == Outcome.Applied && result.Version == trade.Version, $"{where}\nis applied");
                    _trades[trade.Id.Value] = trade;
                    _done.Add((command, result));
                    return;
            }
        }

        private static object Change(Trade trade, Trade next) => trade.Lifecycle == TradeLifecycle.Live ? next : "trade_id";
    }
}

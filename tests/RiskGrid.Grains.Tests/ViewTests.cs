using RiskGrid.Grains.Market;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Grid.Tests;
using RiskGrid.Model;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>What a process knows of the cluster heals by itself when messages were lost, and goes on while silos die.</summary>
public sealed class ViewTests
{
    [Fact]
    public async Task A_lost_step_is_fetched_without_another_quote()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        var engines = new[] { cluster.Join(), cluster.Join() };
        await using var one = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engines[0] });
        await using var two = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = engines[1] });
        cluster.LosesTopic = (topic, member) => topic == MarketGrain.Topic && member == engines[1];
        var point = (await one.PublishAsync(SmallFirm.Quote("IDX.SP500", 7777))).Market;
        await Patience.Eventually("the second silo's board has the quote", () => two.Services.Board.Point.Equals(point));
        Assert.Equal(7777, Value(two, "IDX.SP500"));
    }

    [Fact]
    public async Task A_lost_version_of_the_tree_is_asked_for_by_silos_and_fronts()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        var engines = new[] { cluster.Join(), cluster.Join(), cluster.Join() };
        await using var one = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engines[0] });
        await using var two = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = engines[1] });
        await using var front = await RiskFront.StartAsync(engines[2], "front", TimeProvider.System, new TestLog(), CancellationToken.None);
        await front.Views.Hierarchy.CurrentAsync().Within("the front knows the tree");
        cluster.LosesTopic = (topic, member) => topic == HierarchyGrain.Topic && member != engines[0];
        var version = (await one.PutAsync(SmallFirm.Book("NEW", "NEW", "D-EURO"))).Version;
        await Patience.Eventually("both have the new version", async () =>
            (await two.Services.Hierarchy.CurrentAsync()).Version == version && (await front.Views.Hierarchy.CurrentAsync()).Version == version);
    }

    [Fact]
    public async Task A_subscriber_sees_what_was_lost_within_seconds_and_its_stream_outlives_a_silo()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        var engines = new[] { cluster.Join(), cluster.Join(), cluster.Join() };
        var one = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engines[0] });
        await using var two = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = engines[1] });
        await using var front = await RiskFront.StartAsync(engines[2], "front", TimeProvider.System, new TestLog(), CancellationToken.None);
        await one.SettleAsync();
        using var enough = new CancellationTokenSource(Patience.Limit);
        await using var stream = RollupStream.ReadAsync(
            front.Views, h => h.TopDown(), TimeSpan.FromMilliseconds(1), TimeProvider.System, enough.Token).GetAsyncEnumerator(enough.Token);
        var firm = await NextAsync(stream, r => r.NodeId == "FIRM" && r.Coverage.Priced == 200);

        // Nothing that is published reaches the front.
        cluster.LosesTopic = (topic, member) => topic == RollupBoard.Topic && member == engines[2];
        var point = (await one.PublishAsync(SmallFirm.Quote("IDX.SP500", 7000))).Market;
        var healed = await NextAsync(stream, r => r.NodeId == "FIRM" && r.AsOf.Sequence >= point.Sequence && r.Coverage.Priced == 200);
        Assert.NotEqual(Bits.Of(firm.Measures), Bits.Of(healed.Measures));
        cluster.LosesTopic = (_, _) => false;

        // While nobody can be asked at all, the stream stays and says nothing; then it goes on with the other silo.
        cluster.Kill(engines[0]);
        var next = await two.PublishAsync(SmallFirm.Quote("IDX.SP500", 7100));
        var after = await NextAsync(stream, r => r.NodeId == "FIRM" && r.AsOf.Epoch >= next.Market.Epoch && r.Coverage.Priced == 200);
        Assert.True(after.Version > healed.Version, "versions increase over activations");
        await one.DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_cannot_be_asked_ends_no_subscription_and_is_shown_once_it_can()
    {
        await using var ledger = await TestLedger.OpenAsync();
        // From the start: one rollup that was published before would count as heard.
        var (time, engine) = (new ManualTime(), new ControlledEngine { LosesTopic = topic => topic == RollupBoard.Topic });
        var start = time.GetUtcNow();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, Time = time });
        engine.Refuses = call => call.Method.Name == nameof(INodeGrain.GetRollup) && call.Key == SmallFirm.Near ? new GrainUnavailableException("moving") : null;
        time.Advance(TimeSpan.FromSeconds(1));
        using var enough = new CancellationTokenSource(Patience.Limit);
        await using var stream = RollupStream.ReadAsync(
            silo.Services.Views, h => h.TopDown(), TimeSpan.FromMilliseconds(1), time, enough.Token).GetAsyncEnumerator(enough.Token);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Count < 8)
        {
            await PassesAsync(time, stream.MoveNextAsync().AsTask());
            seen.Add(stream.Current.NodeId);
        }

        Assert.DoesNotContain(SmallFirm.Near, seen);
        engine.Refuses = _ => null;
        var last = NextAsync(stream, r => r.NodeId == SmallFirm.Near);
        await PassesAsync(time, last);
        Assert.Equal(40u, (await last).Coverage.Trades);

        // Told at once, and not more than once a minute of the clock, however often it is asked.
        Assert.InRange(silo.Log.Of("ViewNotFetched").Count(), 1, 1 + (int)(time.GetUtcNow() - start).TotalMinutes);
    }

    [Fact]
    public async Task Who_needs_the_tree_first_waits_for_one_answer_and_asks_again_when_it_is_lost()
    {
        var asked = 0;
        var replies = new List<TaskCompletionSource<Wire.GetHierarchyResponse>>();
        var board = new HierarchyBoard(_ =>
        {
            asked++;
            var reply = new TaskCompletionSource<Wire.GetHierarchyResponse>();
            lock (replies)
                replies.Add(reply);
            return reply.Task;
        });
        var waiting = Enumerable.Range(0, 50).Select(_ => board.CurrentAsync()).ToList();
        Assert.Equal(1, asked);
        replies[0].SetException(new GrainDeadlineException("no reply"));
        await Patience.Eventually("it is asked again", () => asked == 2);
        var firm = new Hierarchy([new HierarchyNode(HierarchyGrain.Firm, NodeKind.Desk, string.Empty, null)]);
        replies[1].SetResult(HierarchyBoard.ToWire(3, firm));
        Assert.All(await Task.WhenAll(waiting).Within("all are answered"), h => Assert.Equal(3, h.Version));
    }

    [Fact]
    public async Task Who_needs_the_tree_hears_that_nobody_answers()
    {
        var board = new HierarchyBoard(_ => Task.FromException<Wire.GetHierarchyResponse>(new GrainUnavailableException("no connection")));
        await Assert.ThrowsAsync<GrainUnavailableException>(() => board.CurrentAsync().WaitAsync(Patience.Limit));
    }

    private static async Task PassesAsync(ManualTime time, Task task)
    {
        while (!task.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        await task;
    }

    private static async Task<Wire.Rollup> NextAsync(IAsyncEnumerator<Wire.Rollup> stream, Predicate<Wire.Rollup> wanted)
    {
        while (await stream.MoveNextAsync())
        {
            if (wanted(stream.Current))
                return stream.Current;
        }

        throw new InvalidOperationException("the stream has ended");
    }

    private static double Value(TestSilo silo, string factor) =>
        silo.Services.Board.Copy().Quotes.Single(q => q.Key.Value == factor).Value.Value;
}

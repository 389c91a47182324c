using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Grid.Tests;
using RiskGrid.Protocol.Grid;
using Xunit.Abstractions;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>Calls that go straight to the silo that is said to own a partition.</summary>
[Collection(BrokerCollection.Name)]
public sealed class StraightTests(Broker broker, ITestOutputHelper output)
{
    private const int Seed = 20261123;

    [Fact]
    public async Task Everybody_hears_who_owns_what_and_hears_it_again_when_it_moves()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var first = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        await KnownAsync(gateway, first);
        var second = await cluster.StartSiloAsync();
        await Cluster.ConvergedAsync(first, second);
        await KnownAsync(gateway, first, second);
        await KnownAsync(first, first, second);
        await first.Silo.StopAsync();
        await KnownAsync(gateway, second);
    }

    [Fact]
    public async Task Calls_under_a_lease_that_has_ended_come_back_and_are_answered()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        await KnownAsync(gateway, silo);
        foreach (var slot in Slots(gateway))
            slot.Owner = slot.Owner! with { Lease = slot.Owner.Lease + 1000 };
        await Task.WhenAll(Cluster.Keys.Select(key => gateway.Grain(key).AskAsync("x"))).Within();
        Assert.Empty(silo.Errors);
    }

    [Fact]
    public async Task Calls_to_an_inbox_that_is_gone_are_answered_by_the_owner()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        await KnownAsync(gateway, silo);
        var gone = new Route(new Peer("gone", $"{cluster.Options.Prefix}.inbox.gone"), 1);
        foreach (var slot in Slots(gateway))
            slot.Owner = gone;
        await Task.WhenAll(Cluster.Keys.Select(key => gateway.Grain(key).AskAsync("x"))).Within();
        Assert.Equal(0, gone.Peer.Outstanding);
        Assert.Empty(silo.Errors);
    }

    [Fact]
    public async Task A_silo_that_is_gone_is_not_believed_when_its_last_word_comes_late()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        await KnownAsync(gateway, silo);
        var word = new Owned { Incarnation = "gone", Inbox = $"{cluster.Options.Prefix}.inbox.gone", Partitions = { ["scripted"] = ulong.MaxValue } };
        word.Leases.AddRange(Enumerable.Repeat(1U, Partition.Count));
        var owners = gateway.Engine.Session!.Owners;
        owners.Hear(word);
        await Task.WhenAll(Cluster.Keys.Select(key => gateway.Grain(key).AskAsync("x"))).Within();
        await TestExtensions.Eventually(() => owners.Peers.All(p => p.Incarnation != "gone"), "the sender has found out");
        owners.Hear(word);
        Assert.DoesNotContain(Slots(gateway), slot => slot.Owner?.Peer.Incarnation == "gone");
        await Task.WhenAll(Cluster.Keys.Select(key => gateway.Grain(key).AskAsync("x"))).Within();
    }

    [Fact]
    public async Task A_one_way_call_that_came_back_is_forgotten_when_the_broker_has_it()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        await KnownAsync(gateway, silo);
        foreach (var slot in Slots(gateway))
            slot.Owner = slot.Owner! with { Lease = slot.Owner.Lease + 1000 };
        await Task.WhenAll(Cluster.Keys.Select(key => gateway.Grain(key).TellAsync("x"))).Within();
        await Task.WhenAll(Cluster.Keys.Select(key => gateway.Grain(key).AskAsync("x"))).Within();
        await TestExtensions.Eventually(() => gateway.Engine.Session!.Outbox.Unanswered == 0, "nothing waits for an answer that nobody gives");
    }

    /// <summary>The silo has begun the first call only; the broker hands out one at a time.</summary>
    [Fact]
    public async Task A_call_that_its_caller_has_given_up_is_not_overtaken_by_a_later_one()
    {
        await using var cluster = new Cluster(broker.NewCluster() with { Prefetch = 1, BatchCalls = 1 });
        // The queues stay when nobody owns them.
        await (await cluster.StartSiloAsync()).Silo.StopAsync();
        var gateway = await cluster.StartGatewayAsync();
        var outbox = gateway.Engine.Session!.Outbox;
        using var giveUp = new CancellationTokenSource();
        var before = outbox.Messages;
        var givenUp = ((string[])["1", "2"]).Select(request => gateway.Grain("a").AskWithToken(new StringValue { Value = request }, giveUp.Token)).ToList();
        await TestExtensions.Eventually(() => outbox.Messages == before + 2, "both are sent");
        await giveUp.CancelAsync();
        foreach (var call in givenUp)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await TestExtensions.Eventually(() => outbox.Unanswered == 0, "nobody waits for them any longer");
        var go = new TaskCompletionSource();
        var seen = new ConcurrentQueue<string>();
        await cluster.StartSiloAsync(prepare: script => script.OnAsk = async (_, request, _) =>
        {
            seen.Enqueue(request);
            await go.Task;
            return request;
        });
        await TestExtensions.Eventually(() => Slots(gateway)[Partition.Of("a")].Owner is not null && seen.Count == 1, "the owner of the first is known");
        before = outbox.Messages;
        var last = gateway.Grain("a").AskAsync("3");
        await TestExtensions.Eventually(() => outbox.Messages > before, "the last one is sent");
        go.SetResult();
        Assert.Equal("3", await last);
        Assert.Equal(["1", "2", "3"], seen);
    }

    [Fact]
    public async Task A_silo_that_is_asked_whether_it_is_there_is_asked_once_until_the_broker_has_the_question()
    {
        const int Hellos = 3;
        await using var cluster = new Cluster(broker.NewCluster());
        using var proxy = new TcpProxy(broker.Server.Port);
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync(o => o with { Address = new Uri($"amqp://guest:guest@127.0.0.1:{proxy.Port}/") });
        await KnownAsync(gateway, silo);
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource<string>();
        silo.Script.OnAsk = (_, _, _) =>
        {
            started.TrySetResult();
            return go.Task;
        };
        var hanging = gateway.Grain("a").AskAsync("hang");
        await started.Task.Within();
        var session = gateway.Engine.Session!;
        var peer = Assert.Single(session.Owners.Peers);
        proxy.Deafen();
        var before = session.Outbox.Messages;
        // The broker goes on to tell what it hears from others, four times a second. One that is late may be forgotten for a moment.
        var silence = TimeSpan.Zero;
        var heard = 0;
        await TestExtensions.Eventually(
            () =>
            {
                var last = silence;
                silence = session.Members.Read().SingleOrDefault(s => s.Incarnation == silo.Incarnation)?.SilentFor ?? TimeSpan.MaxValue;
                heard += silence < last ? 1 : 0;
                return heard >= Hellos;
            },
            "time passes");
        Assert.InRange(session.Outbox.Messages - before, 0UL, 2UL);
        lock (peer.Gate)
            Assert.Equal(0, peer.Unconfirmed);
        go.SetResult("done");
        Assert.Equal("done", await hanging);
    }

    /// <summary>A silo that hands a partition over refuses new calls at once, but leaves those that it has and cannot finish only when its time is
    /// up: they are the older ones.</summary>
    [Fact]
    public async Task What_a_silo_leaves_when_its_time_is_up_is_not_overtaken_by_what_it_has_refused_before()
    {
        const int Before = 3;
        const int After = 3;
        await using var cluster = new Cluster(broker.NewCluster());
        var never = new TaskCompletionSource<string>();
        var stuck = new SemaphoreSlim(0);
        var first = await cluster.StartSiloAsync(prepare: script => script.OnAsk = (_, _, _) =>
        {
            stuck.Release();
            return never.Task;
        });
        var gateway = await cluster.StartGatewayAsync();
        await KnownAsync(gateway, first);
        var asked = new ConcurrentBag<Task<string>>();
        foreach (var key in Cluster.Keys)
        {
            for (var i = 0; i < Before; i++)
                asked.Add(gateway.Grain(key).AskAsync($"{i}"));
        }

        foreach (var _ in Cluster.Keys)
            Assert.True(await stuck.WaitAsync(TestExtensions.Patience));
        var seen = new ConcurrentDictionary<string, ConcurrentQueue<string>>();
        var second = await cluster.StartSiloAsync(prepare: script => script.OnAsk = (grain, request, _) =>
        {
            seen.GetOrAdd(grain.Context.Key, _ => new()).Enqueue(request);
            return Task.FromResult(request);
        });
        int[] moving = [.. Enumerable.Range(0, Partition.Count).Where(p => Rank.IsBetter(second.Incarnation, first.Incarnation, p))];
        // As each is being handed over.
        await Task.WhenAll(moving.Select(async partition =>
        {
            await TestExtensions.Eventually(() => !first.Engine.Session!.Ownership.Takes("scripted", partition), "it takes no calls any more");
            for (var i = Before; i < Before + After; i++)
                asked.Add(gateway.Grain(Cluster.Keys[partition]).AskAsync($"{i}"));
        }));
        await TestExtensions.Eventually(() => moving.All(p => seen.TryGetValue(Cluster.Keys[p], out var calls) && calls.Count >= Before + After), "all have come");
        never.SetResult("ended");
        await Task.WhenAll(asked).Within();
        Assert.NotEmpty(moving);
        Assert.All(moving, p => Assert.Equal(Enumerable.Range(0, Before + After).Select(i => $"{i}"), seen[Cluster.Keys[p]].Distinct()));
        output.WriteLine($"{moving.Length} partitions moved");
    }

    /// <summary>One sender calls grains, asking and telling, while what it is told of owners is wrong most of the time: another silo, a lease of before,
    /// an inbox that is gone, nobody; and while partitions move.</summary>
    [Fact]
    public async Task First_deliveries_keep_their_order_whatever_is_said_of_the_owners()
    {
        const int Calls = 12_000;
        const int Grains = 6;
        await using var cluster = new Cluster(broker.NewCluster() with { DeliveryLimit = 1000 });
        var seen = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        void Prepare(Script script)
        {
            script.OnAsk = (grain, request, _) =>
            {
                See(grain.Context.Key, request);
                return Task.FromResult(request);
            };
            script.OnTell = (grain, request) =>
            {
                See(grain.Context.Key, request);
                return Task.CompletedTask;
            };
        }

        void See(string key, string request) => seen.GetOrAdd(key, _ => new()).Enqueue(int.Parse(request, System.Globalization.CultureInfo.InvariantCulture));
        ClusterSilo[] silos = [await cluster.StartSiloAsync(prepare: Prepare), await cluster.StartSiloAsync(prepare: Prepare)];
        var gateway = await cluster.StartGatewayAsync();
        await Cluster.ConvergedAsync(silos);
        await KnownAsync(gateway, silos);
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var asked = new List<Task>();
        var told = new List<Task<Exception?>>();
        for (var i = 0; i < Calls; i++)
        {
            var key = Cluster.Keys[i % Grains];
            if (random.Next(200) == 0)
                Mislead(gateway, random, cluster.Options.Prefix);
            if (random.Next(400) == 0)
                _ = silos[random.Next(2)].Engine.YieldAsync(random.Next(Grains));
            if (random.Next(100) == 0)
                told.Add(Record.ExceptionAsync(() => gateway.Grain(key).TellAsync($"{i}")));
            else
                asked.Add(gateway.Grain(key).AskAsync($"{i}"));
            if (i % 50 == 49)
                await asked[random.Next(asked.Count)].Within();
        }

        await Task.WhenAll(asked).Within();
        Assert.All(await Task.WhenAll(told), Assert.Null);
        // One-way calls are not answered: what was told last is waited for here.
        await TestExtensions.Eventually(
            () => seen.Values.Sum(s => s.Distinct().Count()) == Calls, "everything is delivered");
        foreach (var (key, numbers) in seen)
        {
            var firsts = numbers.Distinct().ToList();
            Assert.Equal(firsts.Order(), firsts);
            output.WriteLine($"{key}: {firsts.Count} calls in order, {numbers.Count - firsts.Count} repetitions");
        }
    }

    private static void Mislead(ClusterSilo gateway, Random random, string prefix)
    {
        var slots = Slots(gateway);
        var slot = slots[random.Next(6)];
        // A silo announces the leases that it has, so nobody hears of one that is yet to come.
        var announced = slots.Select(s => s.Owner).OfType<Route>().Where(route => !route.Peer.Incarnation.StartsWith("gone", StringComparison.Ordinal))
            .GroupBy(route => route.Peer).Select(of => new Route(of.Key, of.Max(route => route.Lease))).ToArray();
        var about = announced.Length > 0 ? announced[random.Next(announced.Length)] : null;
        slot.Owner = random.Next(5) switch
        {
            0 => null,
            // Each another silo: one that is gone is gone once.
            1 => new Route(new Peer($"gone-{random.Next():x}", $"{prefix}.inbox.gone"), 1),
            2 => about,
            _ => about is null ? null : about with { Lease = (uint)random.Next(1, (int)about.Lease + 1) },
        };
    }

    private static OwnerSlot[] Slots(ClusterSilo silo) => silo.Engine.Session!.Owners.Of("scripted");

    private static Task KnownAsync(ClusterSilo who, params ClusterSilo[] owners) => TestExtensions.Eventually(
        () => Slots(who).Select((slot, p) => owners.Any(o => o.Owns(p) && o.Incarnation == slot.Owner?.Peer.Incarnation)).All(known => known),
        "everybody has heard who owns what");
}

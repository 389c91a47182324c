using System.Collections.Concurrent;
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
        var peers = gateway.Engine.Session!.Owners.Peers.ToArray();
        var asked = new List<Task>();
        var told = new List<Task<Exception?>>();
        for (var i = 0; i < Calls; i++)
        {
            var key = Cluster.Keys[i % Grains];
            if (random.Next(200) == 0)
                Mislead(gateway, random, peers, cluster.Options.Prefix);
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

    private static void Mislead(ClusterSilo gateway, Random random, Peer[] peers, string prefix)
    {
        var slot = Slots(gateway)[random.Next(6)];
        slot.Owner = random.Next(5) switch
        {
            0 => null,
            // Each another silo: one that is gone is gone once.
            1 => new Route(new Peer($"gone-{random.Next():x}", $"{prefix}.inbox.gone"), 1),
            2 => slot.Owner is { } owner ? owner with { Lease = owner.Lease + 1 } : null,
            _ => new Route(peers[random.Next(peers.Length)], (uint)random.Next(1, 130)),
        };
    }

    private static OwnerSlot[] Slots(ClusterSilo silo) => silo.Engine.Session!.Owners.Of("scripted");

    private static Task KnownAsync(ClusterSilo who, params ClusterSilo[] owners) => TestExtensions.Eventually(
        () => Slots(who).Select((slot, p) => owners.Any(o => o.Owns(p) && o.Incarnation == slot.Owner?.Peer.Incarnation)).All(known => known),
        "everybody has heard who owns what");
}

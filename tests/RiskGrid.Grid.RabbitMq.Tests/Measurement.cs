using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Grid.Tests;
using RiskGrid.Testing;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>Requests and replies a second from one engine to silos in other processes.</summary>
internal static class Measurement
{
    private const int Grains = 1024;
    private const int Size = 200;

    public static async Task RunAsync(RabbitMqOptions options, int outstanding, TimeSpan time)
    {
        var engine = new RabbitMqEngine(options);
        await using var silo = await new SiloBuilder().UseEngine(engine).StartAsync();
        var grains = Enumerable.Range(0, Grains)
            .Select(i => silo.Grains.Get<IScriptedGrain>(i.ToString(CultureInfo.InvariantCulture))).ToArray();
        var request = new StringValue { Value = new string('x', Size) };
        await Task.WhenAll(grains.Select(g => g.Ask(request)));
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        var calls = 0L;
        var messages = engine.Session!.Outbox.Messages;
        var slowest = TimeSpan.Zero;
        await Task.WhenAll(Enumerable.Range(0, outstanding).Select(async lane =>
        {
            for (var i = lane; clock.GetElapsedTime(start) < time; i += outstanding)
            {
                var one = clock.GetTimestamp();
                await grains[i % Grains].Ask(request);
                var took = clock.GetElapsedTime(one);
                if (took > slowest)
                    slowest = took;
                Interlocked.Increment(ref calls);
            }
        }));
        var seconds = clock.GetElapsedTime(start).TotalSeconds;
        messages = engine.Session!.Outbox.Messages - messages;
        ChildProcess.Tell(
            $"{outstanding} outstanding: {calls / seconds:0} calls/s, {(double)calls / messages:0.0} calls a message, slowest {slowest.TotalMilliseconds:0} ms");
    }
}

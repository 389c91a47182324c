using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Grid;
using RiskGrid.Testing;

namespace RiskGrid.Cluster.Bench;

/// <summary>Grain calls from this process to two silo processes, over a real broker.</summary>
internal static class Calls
{
    private const int Silos = 2;
    private const int Bytes = 200;
    private static readonly int[] Outstanding = [64, 1024];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(4);

    public static async Task<CallFigures> MeasureAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        await using var broker = await TestServers.RabbitMqAsync(cancellationToken);
        var silos = new List<GridProcess>();
        try
        {
            for (var i = 0; i < Silos; i++)
                silos.Add(GridProcess.Start(typeof(Calls).Assembly.Location, null, EchoSilo.Command, broker.Address.OriginalString, $"echo-{i + 1}"));
            foreach (var silo in silos)
                await silo.ReadyAsync(cancellationToken);
            await using var listener = await Listener.StartAsync(broker.Address, cancellationToken);
            var shares = (await listener.SharedAsync(Silos, cancellationToken)).Select(s => s.Partitions["echo"]).ToArray();
            var rates = Outstanding.ToDictionary(o => o, _ => new List<double>());
            foreach (var outstanding in Outstanding)
                await CallAsync(listener.Grains, outstanding, WarmUp, cancellationToken);
            var cpu = new Dictionary<string, double>(StringComparer.Ordinal);
            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var outstanding in Outstanding)
                {
                    var before = CpuSeconds(broker, silos);
                    var (rate, calls) = await CallAsync(listener.Grains, outstanding, Measured, cancellationToken);
                    rates[outstanding].Add(rate);
                    cpu = CpuSeconds(broker, silos).ToDictionary(c => c.Key, c => Math.Round((c.Value - before[c.Key]) * 1e6 / calls, 2));
                    Figures.Say($"{outstanding} outstanding: {rate:N0} calls/s; processor microseconds a call: {string.Join(", ", cpu.Select(c => FormattableString.Invariant($"{c.Key} {c.Value:F1}")))}");
                }
            }

            foreach (var silo in silos)
                await silo.StopAsync(cancellationToken);
            return new CallFigures(
                Bytes, Silos, shares, Math.Round(Figures.Median(rates[64])), Math.Round(Figures.Median(rates[1024])),
                Figures.Rounded(rates[64], 0), Figures.Rounded(rates[1024], 0), cpu);
        }
        finally
        {
            foreach (var silo in silos)
                silo.Dispose();
        }
    }

    private static Dictionary<string, double> CpuSeconds(TestServer broker, List<GridProcess> silos)
    {
        var children = silos.Sum(s => CpuTime.Of(s.Id));
        return new(StringComparer.Ordinal)
        {
            ["client"] = CpuTime.Of(Environment.ProcessId) - children,
            ["silos"] = children,
            ["broker"] = CpuTime.Of(broker),
        };
    }

    // So many callers, each with a grain of its own and one call at a time.
    private static async Task<(double Rate, long Calls)> CallAsync(IGrains grains, int outstanding, TimeSpan time, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, outstanding).Select(caller => Task.Run(
            async () =>
            {
                var grain = grains.Get<IEchoGrain>(string.Create(CultureInfo.InvariantCulture, $"echo-{caller}"));
                var count = 0L;
                while (TimeProvider.System.GetElapsedTime(start) < time)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var sent = Request(caller, count);
                    var reply = await grain.Echo(sent);
                    if (!reply.Value.Span.SequenceEqual(sent.Value.Span))
                        throw new InvalidOperationException($"call {count} of caller {caller} got another reply than its own");
                    count++;
                }

                return count;
            },
            cancellationToken)));
        return (counts.Sum() / Figures.Seconds(start), counts.Sum());
    }

    // Every request is another.
    private static BytesValue Request(int caller, long count)
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(long)), caller);
        bytes.AsSpan(sizeof(long) + sizeof(int)).Fill((byte)count);
        return new BytesValue { Value = UnsafeByteOperations.UnsafeWrap(bytes) };
    }
}

/// <summary>How many grain calls a second cross processes.</summary>
/// <param name="Bytes">Of a request, and of its reply.</param>
/// <param name="Silos">Processes that answer.</param>
/// <param name="Partitions">That each of them owns.</param>
/// <param name="At64">Median with 64 outstanding.</param>
/// <param name="At1024">Median with 1,024 outstanding.</param>
/// <param name="EachAt64">Of each turn.</param>
/// <param name="EachAt1024">Of each turn.</param>
/// <param name="CpuMicrosecondsPerCall">Who used the processor in the last turn with 1,024 outstanding.</param>
internal sealed record CallFigures(
    int Bytes, int Silos, int[] Partitions, double At64, double At1024, double[] EachAt64, double[] EachAt1024,
    Dictionary<string, double> CpuMicrosecondsPerCall);

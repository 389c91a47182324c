using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests;

internal static class Snapshots
{
    /// <summary>Quotes with arbitrary finite bits: subnormal, negative zero and huge values among them.</summary>
    public static MarketSnapshot Random(Random random, int count)
    {
        var quotes = new Dictionary<FactorName, Quote>();
        for (var i = 0; i < count; i++)
        {
            double value;
            do
                value = i == 0 ? -0.0 : BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            while (!double.IsFinite(value));
            var factor = FactorName.Parse((i % 3) switch
            {
                0 => $"VOL.SPXW.2026-02-{1 + (i % 28):00}.{1000 + i}C",
                1 => $"EQ.S{random.Next()}-{i}",
                _ => $"ZC.USD.{i}D",
            });
            var asOf = Instant.FromUnixTimeTicks(random.NextInt64(-10_000_000_000, 18_000_000_000_000_000));
            quotes[factor] = new Quote(value, i % 2 == 0 ? asOf : Instant.FromUtc(2026, 1, 30, 21, 15), QuoteStatus.All[i % QuoteStatus.All.Count]);
        }

        return new MarketSnapshot(Instant.FromUnixTimeTicks(random.NextInt64(18_000_000_000_000_000)), quotes);
    }
}

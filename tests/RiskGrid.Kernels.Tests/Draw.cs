namespace RiskGrid.Kernels.Tests;

/// <summary>Seeded draws of options over the ranges the kernels promise their accuracy on; the same under every C library.</summary>
internal sealed class Draw(int seed)
{
    private readonly Random random = new(seed);

    public int Seed { get; } = seed;

    public double Uniform(double low, double high) => low + ((high - low) * random.NextDouble());

    public double LogUniform(double low, double high) => low * Elementary.Pow(high / low, random.NextDouble());

    public OptionSide Side() => random.Next(2) == 0 ? OptionSide.Put : OptionSide.Call;

    public SpotOption Spot()
    {
        var spot = LogUniform(1, 1000);
        return new SpotOption(Side(), spot, spot / LogUniform(0.5, 2), LogUniform(1 / 365.0, 5), LogUniform(0.05, 1.5),
            Uniform(-0.03, 0.12), Uniform(-0.02, 0.08));
    }

    public ForwardOption Forward()
    {
        var forward = LogUniform(1, 1000);
        return new ForwardOption(Side(), forward, forward / LogUniform(0.5, 2), LogUniform(1 / 365.0, 5), LogUniform(0.05, 1.5),
            Uniform(0.6, 1.05));
    }

    /// <summary>Runs a property on many draws; the failure names the seed and the draw.</summary>
    public static void ForAll<T>(int seed, int count, Func<Draw, T> draw, Action<T> property)
    {
        var draws = new Draw(seed);
        for (var i = 0; i < count; i++)
        {
            var value = draw(draws);
            try
            {
                property(value);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, draw {i}: {value}: {e.Message}", e);
            }
        }
    }
}

internal static class Near
{
    public static void Require(double expected, double actual, double tolerance, string promise) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance,
            $"{promise}: {actual:R} against {expected:R}, off by {Math.Abs(expected - actual):E2}, allowed {tolerance:E2}");

    public static void SameBits(double expected, double actual, string promise) =>
        Assert.True(BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(actual),
            $"{promise}: {actual:R} against {expected:R}");
}

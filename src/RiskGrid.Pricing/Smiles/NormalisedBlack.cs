using RiskGrid.Kernels;

namespace RiskGrid.Pricing.Smiles;

/// <summary>Black's formula with forward and discount factor one, for out-of-the-money values: puts below 1, calls from 1.</summary>
internal static class NormalisedBlack
{
    public static OptionSide SideOf(double moneyness) => moneyness < 1 ? OptionSide.Put : OptionSide.Call;

    /// <summary>Volatilities from out-of-the-money values; NaN where a value allows none.</summary>
    public static void Volatility(ReadOnlySpan<double> moneyness, ReadOnlySpan<double> values, double time, Span<double> volatility)
    {
        var buffers = new Buffers(moneyness, time);
        Black76.ImpliedVolatility(buffers.Batch(moneyness, default), values, volatility, buffers.Status);
    }

    /// <summary>Out-of-the-money values from volatilities.</summary>
    public static void Value(ReadOnlySpan<double> moneyness, ReadOnlySpan<double> volatility, double time, Span<double> values)
    {
        var buffers = new Buffers(moneyness, time);
        Black76.Price(buffers.Batch(moneyness, volatility), values, buffers.Status);
    }

    private sealed class Buffers
    {
        private readonly OptionSide[] _sides;
        private readonly double[] _ones;
        private readonly double[] _times;

        public Buffers(ReadOnlySpan<double> moneyness, double time)
        {
            _sides = new OptionSide[moneyness.Length];
            for (var i = 0; i < _sides.Length; i++)
                _sides[i] = SideOf(moneyness[i]);
            _ones = new double[moneyness.Length];
            Array.Fill(_ones, 1);
            _times = new double[moneyness.Length];
            Array.Fill(_times, time);
            Status = new ElementStatus[moneyness.Length];
        }

        public ElementStatus[] Status { get; }

        public ForwardBatch Batch(ReadOnlySpan<double> moneyness, ReadOnlySpan<double> volatility) => new()
        {
            Side = _sides,
            Forward = _ones,
            Strike = moneyness,
            Time = _times,
            Volatility = volatility,
            Discount = _ones,
        };
    }
}

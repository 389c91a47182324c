namespace RiskGrid.Cli.Plots;

/// <summary>From numbers to pixels, with ticks at round numbers. Immutable.</summary>
internal sealed class PlotScale
{
    // A step that is round but for the last bits is round.
    private const double Hair = 1e-9;

    private readonly double _low;
    private readonly double _start;
    private readonly double _pixels;

    /// <param name="low">Least number.</param>
    /// <param name="high">Greatest number.</param>
    /// <param name="start">Pixel of the least.</param>
    /// <param name="end">Pixel of the greatest; may lie before <paramref name="start"/>.</param>
    public PlotScale(double low, double high, double start, double end)
    {
        if (!(high > low))
            (low, high) = (low - Math.Max(1, Math.Abs(low) / 2), low + Math.Max(1, Math.Abs(low) / 2));
        (_low, _start) = (low, start);
        _pixels = (end - start) / (high - low);
        High = high;
    }

    public double Low => _low;

    public double High { get; }

    public double At(double value) => _start + ((value - _low) * _pixels);

    /// <summary>About so many round numbers within the scale.</summary>
    public IReadOnlyList<double> Ticks(int about)
    {
        var step = RoundStep((High - _low) / about);
        var ticks = new List<double>();
        for (var k = (long)Math.Ceiling(_low / step); k * step <= High; k++)
            ticks.Add(k * step);
        return ticks;
    }

    // 1, 2 or 5 times a power of ten.
    private static double RoundStep(double least)
    {
        var power = 1.0;
        while (power > least)
            power /= 10;
        while (power * 10 <= least)
            power *= 10;
        return (least / power) switch { <= 1 + Hair => power, <= 2 + Hair => 2 * power, <= 5 + Hair => 5 * power, _ => 10 * power };
    }
}

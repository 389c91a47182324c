namespace RiskGrid.Cli.Plots;

/// <summary>From numbers to pixels, with ticks at round numbers. Immutable.</summary>
internal sealed class PlotScale
{
    // A step that is round but for the last bits is round.
    private const double Hair = 1e-9;
    private const double Widest = double.MaxValue / 4;
    private const double Narrowest = 1e-300;

    // Steps from zero that a double still tells apart; with more of them no tick would be where its words say.
    private const double MostSteps = 1e14;

    private readonly double _low;
    private readonly double _start;
    private readonly double _pixels;

    /// <param name="low">Least number.</param>
    /// <param name="high">Greatest number.</param>
    /// <param name="start">Pixel of the least.</param>
    /// <param name="end">Pixel of the greatest; may lie before <paramref name="start"/>.</param>
    public PlotScale(double low, double high, double start, double end)
    {
        // A range beyond what a double holds has no length to divide; one that is next to nothing is drawn like a single number.
        (low, high) = (Math.Max(low, -Widest), Math.Min(high, Widest));
        if (!(high - low > Narrowest))
            (low, high) = (low - Math.Max(1, Math.Abs(low) / 2), low + Math.Max(1, Math.Abs(low) / 2));
        (_low, _start) = (low, start);
        _pixels = (end - start) / (high - low);
        High = high;
    }

    public double Low => _low;

    public double High { get; }

    /// <summary>The pixel of a number; one outside the scale stands at its end.</summary>
    public double At(double value) => _start + ((Math.Clamp(value, _low, High) - _low) * _pixels);

    /// <summary>About so many round numbers within the scale; none where it is too narrow, or too far from zero, for doubles to tell them apart.</summary>
    public IReadOnlyList<double> Ticks(int about)
    {
        var ticks = new List<double>();
        var least = (High - _low) / about;
        if (Math.Abs(_low / least) > MostSteps)
            return ticks;
        var step = RoundStep(least);
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

using System.Globalization;

namespace RiskGrid.Cli.Plots;

/// <summary>A linear axis: from numbers to pixels, with ticks at 1, 2 or 5 times a power of ten.</summary>
internal sealed class PlotScale
{
    private readonly double _from;
    private readonly double _pixelsFrom;
    private readonly double _pixelsPerUnit;
    private readonly double _step;

    /// <param name="from">The least number shown.</param>
    /// <param name="to">The largest; a span of zero is widened.</param>
    /// <param name="pixelsFrom">Where <paramref name="from"/> is drawn.</param>
    /// <param name="pixelsTo">Where <paramref name="to"/> is drawn.</param>
    /// <param name="ticks">About how many ticks to make.</param>
    public PlotScale(double from, double to, double pixelsFrom, double pixelsTo, int ticks)
    {
        if (!(to > from))
        {
            var half = from == 0 ? 1 : Math.Abs(from) * 0.05;
            (from, to) = (from - half, from + half);
        }

        _step = Step((to - from) / ticks);
        (_from, To, _pixelsFrom) = (from, to, pixelsFrom);
        _pixelsPerUnit = (pixelsTo - pixelsFrom) / (to - from);
        var first = Math.Ceiling(from / _step);
        Ticks = [.. Enumerable.Range(0, (int)(Math.Floor(to / _step) - first) + 1).Select(i => (first + i) * _step)];
    }

    /// <summary>The numbers at which to draw a tick.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>The largest number shown.</summary>
    public double To { get; }

    public double At(double value) => _pixelsFrom + ((value - _from) * _pixelsPerUnit);

    /// <summary>A tick's label: thousands, millions and billions by a letter, as many decimals as the step needs.</summary>
    public string Label(double tick)
    {
        if (Math.Abs(tick) < _step * 1e-6)
            return "0";
        var largest = Math.Max(Math.Abs(_from), Math.Abs(To));
        return largest is >= 1e15 or < 1e-3 ? tick.ToString("0.###e0", CultureInfo.InvariantCulture) : Scaled(tick, largest, _step);
    }

    /// <summary>A number as plots print it: four or five digits and a letter for its size.</summary>
    public static string Number(double value)
    {
        var size = Math.Abs(value);
        if (size == 0)
            return "0";
        return size is >= 1e15 or < 1e-3 ? value.ToString("0.###e0", CultureInfo.InvariantCulture) : Scaled(value, size, Step(size / 2000));
    }

    private static string Scaled(double value, double largest, double step)
    {
        var (unit, letter) = largest switch { >= 1e9 => (1e9, "B"), >= 1e6 => (1e6, "M"), >= 1e4 => (1e3, "k"), _ => (1.0, string.Empty) };
        var decimals = 0;
        for (var scaled = step / unit; scaled < 0.999999 && decimals < 9; scaled *= 10)
            decimals++;
        return (value / unit).ToString($"N{decimals}", CultureInfo.InvariantCulture) + letter;
    }

    private static double Step(double atLeast)
    {
        var power = 1.0;
        while (power > atLeast && power > 1e-300)
            power /= 10;
        while (power * 10 <= atLeast)
            power *= 10;
        return power * (atLeast <= power ? 1 : atLeast <= 2 * power ? 2 : atLeast <= 5 * power ? 5 : 10);
    }
}

using RiskGrid.Kernels;

namespace RiskGrid.Pricing.Chains;

/// <summary>Forwards over time: the spot behind them, and the forwards of slices too thin to imply their own.</summary>
/// <remarks>Carry c is the rate at which forwards grow, F = S·e^{c·t} with c = z − q. Between two slices the instantaneous carry is
/// constant: ln F is linear in t.</remarks>
internal sealed class CarryFit
{
    // Slices up to here show the carry at the short end; beyond it carry has a term structure of its own.
    private const double ShortEnd = 0.5;

    // Past the last forward the carry over at least this span goes on: two roots of one date are too close to show a slope.
    private const double LeastSpan = 0.25;

    // A forward is known no better than this relative error, however well its pairs agree.
    private const double LeastError = 1e-6;

    private readonly double[] _times;
    private readonly double[] _logs;

    private CarryFit(double[] times, double[] logs, double carry)
    {
        _times = times;
        _logs = logs;
        ShortCarry = carry;
        Spot = Elementary.Exp(logs[0] - (carry * times[0]));
    }

    /// <summary>Carry at the short end, per year.</summary>
    public double ShortCarry { get; }

    /// <summary>The nearest forward discounted by its carry.</summary>
    public double Spot { get; }

    /// <summary>Fits the short end robustly.</summary>
    /// <param name="times">Years, increasing.</param>
    /// <param name="forwards">Forwards in price points.</param>
    /// <param name="errors">Their standard errors.</param>
    /// <param name="fallback">The carry when there are too few forwards to show one: the zero rate, no dividends.</param>
    public static CarryFit Through(double[] times, double[] forwards, double[] errors, double fallback)
    {
        var logs = Array.ConvertAll(forwards, Elementary.Log);
        var count = 0;
        while (count < times.Length && times[count] <= ShortEnd)
            count++;
        if (count < 3)
            count = Math.Min(3, times.Length);
        if (count < 2)
            return new CarryFit(times, logs, fallback);
        var design = new double[2 * count];
        var sigma = new double[count];
        for (var i = 0; i < count; i++)
        {
            design[2 * i] = 1;
            design[(2 * i) + 1] = times[i];
            sigma[i] = Math.Max(errors[i] / forwards[i], LeastError);
        }

        var fit = RobustRegression.Fit(design, 2, logs[..count], sigma);
        return new CarryFit(times, logs, fit.Coefficients[1]);
    }

    /// <summary>The forward at any time.</summary>
    public double Forward(double time)
    {
        var right = Array.FindIndex(_times, t => t >= time);
        if (right >= 0 && _times[right] == time)
            return Elementary.Exp(_logs[right]);
        if (right == 0)
            return Elementary.Exp(_logs[0] + (ShortCarry * (time - _times[0])));
        if (right > 0)
            return Elementary.Exp(_logs[right - 1] + (Slope(right - 1, right) * (time - _times[right - 1])));
        var last = _times.Length - 1;
        var from = Array.FindLastIndex(_times, t => t <= _times[last] - LeastSpan);
        var slope = from >= 0 ? Slope(from, last) : ShortCarry;
        return Elementary.Exp(_logs[last] + (slope * (time - _times[last])));
    }

    private double Slope(int from, int to) => (_logs[to] - _logs[from]) / (_times[to] - _times[from]);
}

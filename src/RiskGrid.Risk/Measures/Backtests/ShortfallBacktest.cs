using RiskGrid.Kernels;

namespace RiskGrid.Risk;

/// <summary>The two unconditional tests of expected shortfall of Acerbi and Székely: zero is expected of both, and a negative value says
/// that losses are worse than the shortfall forecasts.</summary>
/// <remarks>C. Acerbi and B. Székely, "Backtesting expected shortfall", Risk (December 2014): Z₁ = 1 − mean of L/ES over the exceptions,
/// Z₂ = 1 − Σ L/ES over the exceptions / (T·p). Critical values of Z₂ for p = 2.5 % and T = 250 hardly depend
/// on the distribution: −0.70 at 5 %, −1.8 at 0.01 %.</remarks>
/// <param name="Days">T.</param>
/// <param name="Exceptions">Days whose loss exceeds the value at risk.</param>
/// <param name="Z1">The size of the exceptions; null without any.</param>
/// <param name="Z2">Their number and size.</param>
public readonly record struct ShortfallBacktest(int Days, int Exceptions, double? Z1, double Z2)
{
    /// <summary>Z₂ below this rejects at 5 % for T = 250 and p = 2.5 %.</summary>
    public const double AmberBelow = -0.70;

    /// <summary>Z₂ below this rejects at 0.01 % for T = 250 and p = 2.5 %.</summary>
    public const double RedBelow = -1.8;

    /// <summary>The zone by the published critical values of Z₂.</summary>
    public Zone Zone => Z2 >= AmberBelow ? Zone.Green : Z2 >= RedBelow ? Zone.Amber : Zone.Red;

    /// <summary>Runs both tests.</summary>
    /// <param name="pnl">The P&amp;L of each day.</param>
    /// <param name="valueAtRisk">The forecast for each day, positive for a loss.</param>
    /// <param name="shortfall">The forecast for each day at the same confidence, above zero.</param>
    /// <param name="probability">p = 1 − confidence.</param>
    /// <exception cref="ArgumentException">Lengths differ or are zero, a number is not finite, or a shortfall is not above zero.</exception>
    public static ShortfallBacktest Of(ReadOnlySpan<double> pnl, ReadOnlySpan<double> valueAtRisk, ReadOnlySpan<double> shortfall, double probability)
    {
        if (pnl.Length != valueAtRisk.Length || pnl.Length != shortfall.Length)
            throw new ArgumentException($"there are {pnl.Length} P&Ls, {valueAtRisk.Length} values at risk and {shortfall.Length} shortfalls");
        ExceptionTests.Check(pnl.Length, 0, probability);
        var (exceptions, sum) = (0, 0.0);
        for (var t = 0; t < pnl.Length; t++)
        {
            if (!double.IsFinite(pnl[t]) || !double.IsFinite(valueAtRisk[t]) || !(double.IsFinite(shortfall[t]) && shortfall[t] > 0))
                throw new ArgumentException($"day {t}: P&L {pnl[t]:R}, value at risk {valueAtRisk[t]:R}, shortfall {shortfall[t]:R}; all must be finite and the shortfall above zero");
            if (-pnl[t] <= valueAtRisk[t])
                continue;
            exceptions++;
            sum += -pnl[t] / shortfall[t];
        }

        return new ShortfallBacktest(pnl.Length, exceptions, exceptions > 0 ? 1 - (sum / exceptions) : null, 1 - (sum / (pnl.Length * probability)));
    }

    /// <summary>P(Z₂ at most as observed) if losses are independent and normal (or Student-t) with the forecast VaR and shortfall: simulated.</summary>
    /// <param name="probability">p, below one half.</param>
    /// <param name="degreesOfFreedom">ν above 1 of a Student-t, or null for a normal.</param>
    /// <param name="simulations">How many series of T days are drawn.</param>
    /// <param name="seed">Of <see cref="KeyedRandom"/>: the same seed gives the same bits.</param>
    /// <exception cref="ArgumentException">A parameter is outside its range.</exception>
    public double PValueOfZ2(double probability, double? degreesOfFreedom = null, int simulations = 10_000, ulong seed = 1)
    {
        if (!(probability > 0 && probability < 0.5) || degreesOfFreedom <= 1 || simulations < 1)
            throw new ArgumentException("p lies between 0 and one half, the degrees of freedom are above 1, and one simulation is the least");
        var shortfall = TailShortfall(probability, degreesOfFreedom);
        var uniforms = new double[Days];
        var below = 0;
        for (var simulation = 0; simulation < simulations; simulation++)
        {
            KeyedRandom.Uniforms(seed, 0, (long)simulation * Days, uniforms);
            var sum = 0.0;
            foreach (var u in uniforms)
            {
                if (u < probability)
                    sum -= (degreesOfFreedom is { } v ? StudentT.Quantile(u, v) : Elementary.InverseNormalCdf(u)) / shortfall;
            }

            if (1 - (sum / (Days * probability)) <= Z2)
                below++;
        }

        return (double)below / simulations;
    }

    // A. J. McNeil, R. Frey and P. Embrechts, Quantitative Risk Management (2005), examples 2.18 and 2.19.
    private static double TailShortfall(double probability, double? degreesOfFreedom)
    {
        if (degreesOfFreedom is not { } v)
            return Elementary.NormalPdf(Elementary.InverseNormalCdf(probability)) / probability;
        var t = StudentT.Quantile(probability, v);
        return StudentT.Pdf(t, v) * (v + (t * t)) / (v - 1) / probability;
    }
}

using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Risk;

namespace RiskGrid.Demo;

/// <summary>Volatility as history shows it.</summary>
public static class RealisedVolatility
{
    private const double SessionsPerYear = 252;

    /// <summary>The sample standard deviation (mean removed, n − 1) of the last <paramref name="days"/> daily log returns times √252.
    /// Source: J. C. Hull, Options, Futures, and Other Derivatives, section "Estimating volatility from historical data".</summary>
    /// <returns>Per year, as a decimal.</returns>
    /// <exception cref="ValidationException">The panel has fewer returns, or a level is blank or not above zero.</exception>
    public static double Of(HistoryPanel panel, FactorName factor, int days)
    {
        if (panel.Dates.Length <= days)
            throw new ValidationException(factor.Value, $"{panel.SourceName} has {panel.Dates.Length} rows, {days + 1} are needed");
        var returns = new double[days];
        var mean = 0.0;
        for (var i = 0; i < days; i++)
        {
            var row = panel.Dates.Length - days + i;
            var before = panel.Value(row - 1, factor);
            var after = panel.Value(row, factor);
            if (!(before > 0 && after > 0))
                throw new ValidationException(factor.Value, $"{panel.SourceName} has no return on {panel.Dates[row]:uuuu-MM-dd}");
            returns[i] = Elementary.Log(after / before);
            mean += returns[i] / days;
        }

        var squares = 0.0;
        foreach (var move in returns)
            squares += (move - mean) * (move - mean);
        return Math.Sqrt(squares / (days - 1) * SessionsPerYear);
    }
}

using System.CommandLine;
using System.Globalization;
using RiskGrid.Risk;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid measure pnl|delta-gamma|backtest</c>: the measures of the grid on numbers that somebody brings along.</summary>
internal static class MeasureCommand
{
    public static Command Create() => new("measure", "Measures your own numbers: a P&L file, deltas and gammas, or the exceptions of a backtest. Needs no server.")
    {
        MeasurePnlCommand.Create(),
        MeasureDeltaGammaCommand.Create(),
        MeasureBacktestCommand.Create(),
    };

    /// <summary>Splits a list such as 0.95,0.99.</summary>
    internal static string[] Items(string option, string text)
    {
        var items = text.Split(',', StringSplitOptions.TrimEntries);
        return items.All(i => i.Length > 0) ? items : throw new UsageException($"{option}: '{text}' is not a list of numbers such as 0.95,0.99");
    }

    /// <summary>Confidences as exact decimals.</summary>
    internal static decimal[] Confidences(string option, string text) =>
    [
        .. Items(option, text).Select(item => decimal.TryParse(item, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var confidence) && confidence is > 0 and < 1
            ? confidence
            : throw new UsageException($"{option}: '{item}' is not a confidence; write a number between 0 and 1 such as 0.99")),
    ];

    internal static double Probability(string option, string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var probability) && probability is > 0 and < 1
            ? probability
            : throw new UsageException($"{option}: '{text}' is not a probability between 0 and 1 such as 0.01");

    /// <summary>A percentage as people read it: 99 %, 97.5 %.</summary>
    internal static string Percent(decimal share) => (share * 100).ToString("0.##########", CultureInfo.InvariantCulture) + " %";

    /// <summary>A number of any size in a table.</summary>
    internal static string Amount(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1000 and < 1e15 => value.ToString("N2", CultureInfo.InvariantCulture),
        _ => value.ToString("G8", CultureInfo.InvariantCulture),
    };

    internal static string ZoneName(Zone zone, string middle) => zone switch { Zone.Green => "green", Zone.Red => "red", _ => middle };
}

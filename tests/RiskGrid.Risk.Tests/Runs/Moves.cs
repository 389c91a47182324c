using System.Globalization;
using RiskGrid.Model;

namespace RiskGrid.Risk.Tests.Runs;

/// <summary>Made-up scenarios for the portfolios of the sample market.</summary>
internal static class Moves
{
    private static readonly string[] Drivers =
    [
        "IDX.SP500", "EQ.SAP", "EQ.HSBA", "IDX.VIX", "FX.EURUSD", "FX.EURGBP",
        "ZC.USD.1Y", "ZC.USD.10Y", "ZC.EUR.1Y", "ZC.GBP.1Y",
    ];

    public static HistoricalScenarioSet Random(int count, int seed)
    {
        var random = new Random(seed);
        var day = new NodaTime.LocalDate(2004, 1, 5);
        var rows = Enumerable.Range(0, count + 1).Select(i => day.PlusDays(i).ToString("uuuu-MM-dd", CultureInfo.InvariantCulture) + ","
            + string.Join(',', Drivers.Select(d => Level(d, random).ToString("R", CultureInfo.InvariantCulture))));
        return ScenarioSet.Historical(Panels.Of(["date," + string.Join(',', Drivers), .. rows]), Drivers.Select(FactorName.Parse));
    }

    private static double Level(string driver, Random random) =>
        driver.StartsWith("ZC.", StringComparison.Ordinal) ? 0.02 + (0.01 * random.NextDouble()) : 1 + (0.1 * random.NextDouble());
}

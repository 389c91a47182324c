using System.IO.Compression;
using NodaTime;
using RiskGrid.Model;
using RiskGrid.Pricing.Chains;
using RiskGrid.Risk;

namespace RiskGrid.Demo;

/// <summary>Reads the files of the sample market, gzipped or not.</summary>
internal static class SampleFiles
{
    /// <summary>New York's close on the day of the sample chain, 16:15.</summary>
    public static Instant ChainAsOf { get; } = CloseOf(new LocalDate(2026, 1, 30));

    /// <summary>16:15 in New York: when index options stop trading, and when a day's chain is taken.</summary>
    public static Instant CloseOf(LocalDate day) =>
        day.At(new LocalTime(16, 15)).InZoneStrictly(DateTimeZoneProviders.Tzdb["America/New_York"]).ToInstant();

    public static OptionChain ReadChain(string path)
    {
        using var reader = Open(path);
        return OptionChain.Read(reader, path);
    }

    public static HistoryPanel ReadHistory(string path)
    {
        using var reader = Open(path);
        return HistoryPanel.Read(reader, path);
    }

    /// <summary>The historical scenarios of the sample portfolio: every day on which the index, its volatility, every stock and every USD zero
    /// rate of the panel moved validly.</summary>
    public static HistoricalScenarioSet Scenarios(HistoryPanel panel) => ScenarioSet.Historical(panel, panel.Factors.Where(IsDriver));

    private static bool IsDriver(FactorName factor) =>
        factor.Class is FactorClass.Index or FactorClass.Equity || factor.Value.StartsWith("ZC.USD.", StringComparison.Ordinal);

    private static StreamReader Open(string path)
    {
        Stream file = File.OpenRead(path);
        return new StreamReader(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file);
    }
}

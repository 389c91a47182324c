using System.IO.Compression;
using NodaTime;
using RiskGrid.Pricing.Chains;

namespace RiskGrid.Pricing.Tests.Chains;

/// <summary>The real chain of the repository, read and calibrated once for all tests.</summary>
internal static class SpxChain
{
    private static readonly Lazy<OptionChain> LazyChain = new(Read);
    private static readonly Lazy<CalibratedChain> LazyCalibrated = new(() => ChainCalibration.Calibrate(Chain, AsOf));

    /// <summary>The file's close: 16:15 New York on 2026-01-30.</summary>
    public static Instant AsOf { get; } =
        new LocalDateTime(2026, 1, 30, 16, 15).InZoneStrictly(DateTimeZoneProviders.Tzdb["America/New_York"]).ToInstant();

    public static OptionChain Chain => LazyChain.Value;

    public static CalibratedChain Calibrated => LazyCalibrated.Value;

    public static OptionChain Read()
    {
        using var text = Open();
        return OptionChain.Read(text, "spx-chain-2026-01-30.csv.gz");
    }

    public static StreamReader Open() =>
        new(new GZipStream(File.OpenRead(Path.Combine(Root(), "data", "options", "spx-chain-2026-01-30.csv.gz")), CompressionMode.Decompress));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RiskGrid.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds RiskGrid.sln.");
    }
}

using System.Globalization;

namespace RiskGrid.Cluster.Bench;

/// <summary>What several turns add up to.</summary>
internal static class Figures
{
    /// <summary>The middle one; of an even number the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public static double[] Rounded(IEnumerable<double> values, int digits = 3) => [.. values.Select(v => Math.Round(v, digits))];

    public static double Seconds(long since) => TimeProvider.System.GetElapsedTime(since).TotalSeconds;

    public static string Hardware()
    {
        var model = File.ReadLines("/proc/cpuinfo").First(l => l.StartsWith("model name", StringComparison.Ordinal));
        return $"{model[(model.IndexOf(':', StringComparison.Ordinal) + 2)..]}, {Environment.ProcessorCount} cores";
    }

    /// <summary>How it goes: on stderr, with numbers as everywhere.</summary>
    public static void Say(FormattableString text) => Console.Error.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}

using System.Globalization;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>What a rerun found.</summary>
internal static class RerunText
{
    /// <summary>One line when the bits are equal; otherwise what differs, inputs first.</summary>
    public static IEnumerable<string> Report(Run run, RerunReport report)
    {
        if (report.Identical)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{run.RunId} is equal to {run.RerunOf} to the bit: {report.Numbers:N0} numbers, result {RunText.Short(run.ResultHash)}.");
            yield break;
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"{run.RunId} is NOT equal to {run.RerunOf}: {report.Different:N0} of {report.Numbers:N0} numbers differ.");
        foreach (var difference in report.Differences)
            yield return $"  {difference.Address}: {Text(difference.Before)} then, {Text(difference.After)} now";
        if (report.Different > (ulong)report.Differences.Count)
            yield return "  ... and more.";
    }

    private static string Text(string value) => value.Length == 0 ? "nothing" : value;
}

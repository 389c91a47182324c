namespace RiskGrid.Cli;

/// <summary>Shows a count's progress as a share of the whole.</summary>
internal sealed class CountBar(IProgress<double> bar, int total) : IProgress<int>
{
    public void Report(int value) => bar.Report(total == 0 ? 1 : (double)value / total);
}

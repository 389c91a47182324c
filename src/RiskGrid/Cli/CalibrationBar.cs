using RiskGrid.Pricing.Chains;

namespace RiskGrid.Cli;

/// <summary>Shows a calibration's progress, stage by stage, as a share of one.</summary>
internal sealed class CalibrationBar(IProgress<double> bar) : IProgress<CalibrationProgress>
{
    public void Report(CalibrationProgress value) => bar.Report(value.Total == 0 ? 0 : (double)value.Done / value.Total);
}

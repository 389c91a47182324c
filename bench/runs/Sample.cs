namespace RiskGrid.Runs.Bench;

/// <summary>One run beside the kernel.</summary>
/// <param name="Seconds">Of the whole run.</param>
/// <param name="RateRatio">Scenarios a second while it priced, over the kernel's own.</param>
/// <param name="OverPricing">The whole run over its pricing.</param>
/// <param name="Trades">In the run.</param>
internal sealed record Sample(double Seconds, double RateRatio, double OverPricing, int Trades);

using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>The absolute move of a zero rate at one time: linear between the two driver pillars around it, flat outside the first and
/// the last.</summary>
/// <param name="Left">Moves of the pillar at or before the time.</param>
/// <param name="Right">Moves of the pillar at or after the time; the same as <paramref name="Left"/> outside.</param>
/// <param name="RightShare">Weight of <paramref name="Right"/>, 0 to 1.</param>
internal readonly record struct CurveMove(double[] Left, double[] Right, double RightShare)
{
    public static CurveMove At(CurvePillars pillars, ScenarioSet scenarios, double time)
    {
        var times = pillars.Times;
        var right = 0;
        while (right < times.Length - 1 && times[right] < time)
            right++;
        var left = right > 0 && time < times[right] ? right - 1 : right;
        var share = left == right ? 0 : (time - times[left]) / (times[right] - times[left]);
        return new CurveMove(scenarios.Column(pillars.Factors[left]), scenarios.Column(pillars.Factors[right]), share);
    }

    public double In(int scenario) => Left[scenario] + (RightShare * (Right[scenario] - Left[scenario]));
}

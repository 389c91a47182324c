using RiskGrid.Pricing;
using RiskGrid.Pricing.Curves;

namespace RiskGrid.Risk;

/// <summary>The absolute move of a zero rate at one time as a function of the moves of pillars.</summary>
internal sealed class CurveMove
{
    private readonly int _left;
    private readonly int _right;
    private readonly double _rightShare;
    private readonly (int Row, double Weight)[]? _weights;

    private CurveMove(int left, int right, double rightShare) => (_left, _right, _rightShare) = (left, right, rightShare);

    private CurveMove((int Row, double Weight)[] weights) => _weights = weights;

    /// <summary>A rate that does not move.</summary>
    public static CurveMove Still(int stillRow) => new(stillRow, stillRow, 0);

    /// <summary>Linear between the two driver pillars around the time, flat outside the first and the last.</summary>
    public static CurveMove Linear(CurvePillars pillars, ScenarioLayout layout, double time)
    {
        var times = pillars.Times;
        var right = 0;
        while (right < times.Length - 1 && times[right] < time)
            right++;
        var left = right > 0 && time < times[right] ? right - 1 : right;
        var share = left == right ? 0 : (time - times[left]) / (times[right] - times[left]);
        return new CurveMove(layout.IndexOf(pillars.Factors[left]), layout.IndexOf(pillars.Factors[right]), share);
    }

    /// <summary>As the curve itself moves with its pillars: <see cref="ZeroCurve"/> is linear in them.</summary>
    public static CurveMove OfCurve(CurvePillars pillars, ScenarioLayout layout, double time)
    {
        var weights = ZeroCurve.Weights(pillars.Times.AsSpan(), time);
        return new CurveMove([.. weights.Select((w, i) => (layout.IndexOf(pillars.Factors[i]), w)).Where(w => w.w != 0)]);
    }

    /// <summary>The move in the scenarios from <paramref name="start"/> on, one per element.</summary>
    public void Fill(ScenarioBlock block, int start, Span<double> moves)
    {
        if (_weights is not null)
        {
            moves.Clear();
            foreach (var (row, weight) in _weights)
            {
                var pillar = block.Row(row, start, moves.Length);
                for (var i = 0; i < moves.Length; i++)
                    moves[i] += weight * pillar[i];
            }

            return;
        }

        var left = block.Row(_left, start, moves.Length);
        var right = block.Row(_right, start, moves.Length);
        for (var i = 0; i < moves.Length; i++)
            moves[i] = left[i] + (_rightShare * (right[i] - left[i]));
    }
}

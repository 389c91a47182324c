using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Pricing.Curves;

namespace RiskGrid.Risk;

/// <summary>Finds what selectors mean in a market, and what shocks come to as moves of factors.</summary>
/// <param name="market">Levels by factor; NaN for one whose level is not known.</param>
internal sealed class ShockResolver(IReadOnlyDictionary<FactorName, double> market)
{
    private readonly FactorName[] _movable = [.. market.Keys.Where(f => f.Class is FactorClass.Equity or FactorClass.Index or FactorClass.Commodity or FactorClass.Fx or FactorClass.Zero).Order()];
    private readonly FactorName[] _volatilities = [.. market.Keys.Where(f => f.Class == FactorClass.Volatility)];
    private readonly Dictionary<FactorSelector, FactorName[]> _matches = [];

    /// <summary>The factors whose levels a shock was measured against, so far.</summary>
    public SortedSet<FactorName> LevelsUsed { get; } = [];

    /// <summary>True when a selector of volatilities names one of the market.</summary>
    public bool SelectsVolatility(FactorSelector selector) => Array.Exists(_volatilities, selector.Matches);

    /// <summary>The factors that a selector names, in ordinal order.</summary>
    public FactorName[] Select(FactorSelector selector)
    {
        if (!_matches.TryGetValue(selector, out var factors))
            _matches.Add(selector, factors = Array.FindAll(_movable, selector.Matches));
        return factors;
    }

    /// <summary>A factor and, for a zero rate, all pillars of its curve: a pillar that stands still bounds what its neighbour moves.</summary>
    public IEnumerable<FactorName> WithCurve(FactorName factor)
    {
        if (factor.Class != FactorClass.Zero)
            return [factor];
        var curve = factor.Value[..(factor.Value.LastIndexOf('.') + 1)];
        return _movable.Where(f => f.Value.StartsWith(curve, StringComparison.Ordinal) && f.Value.LastIndexOf('.') == curve.Length - 1);
    }

    /// <summary>A factor's move after one more shock.</summary>
    /// <param name="move">Its move so far.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="shock">The shock.</param>
    /// <param name="where">Names the shock in a refusal.</param>
    public double Apply(double move, FactorName factor, Shock shock, string where)
    {
        var value = shock.Points.IsEmpty ? shock.Value : AtTenor(factor, shock, where);
        if (ShiftKinds.Of(factor) == ShiftKind.Absolute)
        {
            if (shock.Kind == ShockKind.Absolute)
                return move + value;
            var rate = Level(factor, where);
            return ((rate + move) * (1 + value)) - rate;
        }

        if (shock.Kind == ShockKind.Relative)
            return move + LogOf(1 + value, factor, where);
        var level = Level(factor, where);
        return LogOf(((level * Elementary.Exp(move)) + value) / level, factor, where);
    }

    /// <summary>The logarithm of a relative shock's factor.</summary>
    public static double LogOf(double ratio, object factor, string where) => ratio > 0 && double.IsFinite(ratio)
        ? Elementary.Log(ratio)
        : throw new ValidationException("shocks", $"{where} would move {factor} to zero or below");

    private static double AtTenor(FactorName factor, Shock shock, string where)
    {
        if (!ZeroPillar.TryParse(factor, out var pillar, out var reason))
            throw new ValidationException("shocks", $"{where}: {reason}");
        var points = shock.Points.Select(p => (Time: Tenor.Years(p.Tenor), p.Value)).OrderBy(p => p.Time).ToArray();
        var right = 0;
        while (right < points.Length - 1 && points[right].Time < pillar.Time)
            right++;
        if (right == 0 || pillar.Time >= points[right].Time)
            return points[right].Value;
        var (left, next) = (points[right - 1], points[right]);
        return left.Value + ((pillar.Time - left.Time) / (next.Time - left.Time) * (next.Value - left.Value));
    }

    private double Level(FactorName factor, string where)
    {
        var level = market[factor];
        if (!double.IsFinite(level) || (level <= 0 && ShiftKinds.Of(factor) == ShiftKind.LogReturn))
            throw new ValidationException("shocks", $"{where} is measured against the level of {factor}, which is {level:R}");
        LevelsUsed.Add(factor);
        return level;
    }
}

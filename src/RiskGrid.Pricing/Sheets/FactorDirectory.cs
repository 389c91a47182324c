using System.Collections.Immutable;
using RiskGrid.Model;
using RiskGrid.Pricing.Curves;

namespace RiskGrid.Pricing;

/// <summary>The pillars of one zero curve as a market quotes them, by increasing time.</summary>
/// <param name="Factors">The pillars' names.</param>
/// <param name="Times">The pillars' times in years, strictly increasing.</param>
/// <param name="Failure">Why the pillars make no curve; null when they do.</param>
public sealed record CurvePillars(ImmutableArray<FactorName> Factors, ImmutableArray<double> Times, string? Failure);

/// <summary>Which zero-curve pillars and FX pairs a market quotes: all that a sheet has to know of the market's shape before it can name
/// its factors. It changes only when such a factor appears for the first time. Immutable, thread-safe.</summary>
public sealed class FactorDirectory
{
    private readonly ImmutableDictionary<string, CurvePillars> _curves;
    private readonly ImmutableHashSet<FactorName> _fx;

    /// <summary>Sorts out the zero rates and FX rates among <paramref name="names"/>; all other names are passed over.</summary>
    public FactorDirectory(IEnumerable<FactorName> names)
    {
        var fx = ImmutableHashSet.CreateBuilder<FactorName>();
        var pillars = new Dictionary<string, List<ZeroPillar>>(StringComparer.Ordinal);
        var refused = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (!IsStructural(name))
                continue;
            if (name.Class == FactorClass.Fx)
                fx.Add(name);
            else if (!ZeroPillar.TryParse(name, out var pillar, out var reason))
                refused[CurveOf(name)] = reason;
            else if (pillars.TryGetValue(pillar.Curve, out var list))
                list.Add(pillar);
            else
                pillars.Add(pillar.Curve, [pillar]);
        }

        _fx = fx.ToImmutable();
        _curves = pillars.Keys.Union(refused.Keys, StringComparer.Ordinal)
            .ToImmutableDictionary(c => c, c => Join(pillars.GetValueOrDefault(c) ?? [], refused.GetValueOrDefault(c)), StringComparer.Ordinal);
    }

    /// <summary>True for the factors that a directory lists: a market that meets a new one makes a new directory.</summary>
    public static bool IsStructural(FactorName name) => name.Class is FactorClass.Zero or FactorClass.Fx;

    /// <summary>The pillars of a curve, or null when the market quotes none.</summary>
    public CurvePillars? Curve(string name) => _curves.GetValueOrDefault(name);

    /// <summary>True when the market quotes the FX rate.</summary>
    public bool HasFx(FactorName name) => _fx.Contains(name);

    private static string CurveOf(FactorName name)
    {
        var parts = name.Value.Split('.');
        return parts.Length > 1 ? parts[1] : string.Empty;
    }

    private static CurvePillars Join(List<ZeroPillar> pillars, string? refusal)
    {
        var sorted = pillars.Distinct().OrderBy(p => p.Time).ThenBy(p => p.Factor).ToList();
        for (var i = 1; i < sorted.Count && refusal is null; i++)
        {
            if (sorted[i].Time <= sorted[i - 1].Time)
                refusal = $"{sorted[i - 1].Factor} and {sorted[i].Factor} are the same pillar";
        }

        return new CurvePillars([.. sorted.Select(p => p.Factor)], [.. sorted.Select(p => p.Time)], refusal);
    }
}

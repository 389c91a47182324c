using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>How far out a parametric measure looks: a confidence, or a quantile of the standard normal in its place.</summary>
/// <param name="Confidence">q; null when a quantile is given.</param>
/// <param name="Z">The quantile; null when a confidence is given.</param>
public sealed record ParametricLevel(decimal? Confidence, decimal? Z)
{
    internal NormalLevel Normal => Confidence is { } q ? NormalLevel.OfConfidence(q) : NormalLevel.OfZ((double)Z!.Value);
}

/// <summary>What a parametric value at risk is asked for.</summary>
/// <param name="HorizonsDays">The horizons.</param>
/// <param name="Levels">The levels.</param>
/// <param name="Decompose">Components by child and by factor class.</param>
public sealed record ParametricOptions(ImmutableArray<int> HorizonsDays, ImmutableArray<ParametricLevel> Levels, bool Decompose);

/// <summary>One parametric measure of a node.</summary>
/// <param name="HorizonDays">Days.</param>
/// <param name="Level">The level.</param>
/// <param name="Approximation">One of <see cref="ParametricFinisher.Approximations"/>.</param>
/// <param name="ValueAtRisk">Positive for a loss, in the reporting currency.</param>
/// <param name="ExpectedShortfall">The same.</param>
/// <param name="Caveat">What limits the number; null when nothing does.</param>
/// <param name="Children">By child: components add up to the measure. Delta-normal and delta-gamma-normal only; the others are no sums of
/// parts.</param>
/// <param name="Classes">By factor class, in ordinal order of their names: components add up to the measure, a cross gamma half with
/// each of its factors. As for the children.</param>
public sealed record NodeParametricMeasure(
    int HorizonDays,
    ParametricLevel Level,
    string Approximation,
    double ValueAtRisk,
    double ExpectedShortfall,
    string? Caveat,
    ImmutableArray<RiskComponent> Children,
    ImmutableArray<RiskComponent> Classes);

/// <summary>The parametric measures of one node.</summary>
/// <param name="Node">Index of the node.</param>
/// <param name="IsEmpty">True when the node holds no trade: every number is zero.</param>
/// <param name="Failure">Why there are no numbers; null when there are.</param>
/// <param name="Sensitivities">δ and Γ; null when the node failed.</param>
/// <param name="Measures">By horizon, then level, then approximation.</param>
public sealed record NodeParametric(
    int Node, bool IsEmpty, string? Failure, FactorSensitivities? Sensitivities, ImmutableArray<NodeParametricMeasure> Measures);

/// <summary>Takes parametric value at risk and expected shortfall of every node from its P&amp;L under bumps. Immutable; nodes may be finished on
/// any threads.</summary>
public sealed class ParametricFinisher
{
    private readonly RunTails _tails;
    private readonly NodeBases _bases;
    private readonly BumpScenarioSet _bumps;
    private readonly ParametricOptions _options;
    private readonly ImmutableArray<FactorCovariance> _covariances;

    /// <summary>Prepares the covariances.</summary>
    /// <param name="tails">Whole vectors under the bumps.</param>
    /// <param name="bases">What the nodes are worth and hold.</param>
    /// <param name="bumps">The bumps.</param>
    /// <param name="covariance">Of one day, of the bumped factors in their order.</param>
    /// <param name="options">What is asked for.</param>
    /// <exception cref="ArgumentException">The vectors are not whole or not of these bumps, or the covariance is of other factors.</exception>
    public ParametricFinisher(RunTails tails, NodeBases bases, BumpScenarioSet bumps, FactorCovariance covariance, ParametricOptions options)
    {
        if (!tails.Plan.IsWhole || tails.Plan.Scenarios != bumps.Count)
            throw new ArgumentException($"whole vectors of {bumps.Count} bumps are needed", nameof(tails));
        if (!covariance.Factors.SequenceEqual(bumps.Drivers))
            throw new ArgumentException("the covariance is not of the bumped factors", nameof(covariance));
        (_tails, _bases, _bumps, _options) = (tails, bases, bumps, options);
        _covariances = [.. options.HorizonsDays.Select(covariance.Over)];
    }

    /// <summary>The methods, in the order in which a node's measures stand.</summary>
    public static ImmutableArray<string> Approximations { get; } = ["delta-normal", "delta-gamma-normal", "cornish-fisher", "delta-gamma-exact"];

    /// <summary>Every node, in tree order.</summary>
    public ImmutableArray<NodeParametric> All() => [.. _tails.Plan.Tree.Nodes.Select(n => Node(n.Index))];

    /// <summary>One node.</summary>
    /// <param name="node">Index of the node.</param>
    public NodeParametric Node(int node)
    {
        var isEmpty = _bases.Trades[node] == 0;
        if (Sensitivities(_tails.Pnl(node)) is not { } sensitivities)
        {
            return new NodeParametric(
                node, isEmpty, _tails[_tails.Plan.VectorOf(node)].Failure ?? "a sensitivity is beyond the range of double precision", null, []);
        }

        try
        {
            var measures = ImmutableArray.CreateBuilder<NodeParametricMeasure>();
            for (var h = 0; h < _covariances.Length; h++)
                Add(measures, node, sensitivities, h);
            return new NodeParametric(node, isEmpty, Failure: null, sensitivities, measures.ToImmutable());
        }
        catch (ArgumentException e)
        {
            // δ, Γ and Σ are finite and symmetric here: what is left is a variance that overflows.
            return new NodeParametric(node, isEmpty, e.Message, null, []);
        }
    }

    private FactorSensitivities? Sensitivities(ImmutableArray<double>? pnl)
    {
        if (pnl is not { } vector)
            return null;
        var sensitivities = _bumps.Sensitivities(vector.AsSpan());
        return sensitivities.Delta.All(double.IsFinite) && sensitivities.Gamma.All(g => double.IsFinite(g.Value)) ? sensitivities : null;
    }

    private void Add(ImmutableArray<NodeParametricMeasure>.Builder measures, int node, FactorSensitivities sensitivities, int horizon)
    {
        var model = Model(sensitivities, horizon);
        var split = _options.Decompose ? Split(node, sensitivities, horizon) : null;
        foreach (var level in _options.Levels)
        {
            var normal = level.Normal;
            void Measure(string approximation, ParametricMeasure measure, string? caveat = null) => measures.Add(new NodeParametricMeasure(
                _options.HorizonsDays[horizon], level, approximation, measure.ValueAtRisk, measure.ExpectedShortfall, caveat,
                split?.Children(approximation, normal, measure) ?? [],
                split?.Classes(approximation, normal) ?? []));
            Measure(Approximations[0], model.DeltaNormal(normal));
            Measure(Approximations[1], model.DeltaGammaNormal(normal));
            Measure(
                Approximations[2],
                model.CornishFisherExpansion(normal),
                model.IsCornishFisherMonotone ? null : "the expansion is not monotone at these moments: its numbers are no quantiles");
            if (model.Exact(normal) is { } exact)
                Measure(Approximations[3], exact);
        }
    }

    private DeltaGamma Model(FactorSensitivities sensitivities, int horizon) =>
        new(sensitivities.Delta.AsSpan(), sensitivities.GammaMatrix(), _covariances[horizon].Values);

    private ParametricSplit Split(int node, FactorSensitivities whole, int horizon)
    {
        var tree = _tails.Plan.Tree;
        var first = tree.Nodes[node].FirstWithout;
        var parts = tree.Nodes[node].Children.Select((child, position) => new ParametricPart(
            tree.Nodes[child].Path,
            _bases.Values[child],
            Sensitivities(_tails.Pnl(child)),
            first < 0 ? null : Sensitivities(_tails.PnlWithout(first + position))));
        return new ParametricSplit(whole, _covariances[horizon], [.. parts], s => Model(s, horizon));
    }
}

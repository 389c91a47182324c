using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>What a <see cref="VarFinisher"/> is asked for.</summary>
/// <param name="Confidences">The confidences, each above 0 and below 1.</param>
/// <param name="Rule">The quantile rule.</param>
public sealed record VarOptions(ImmutableArray<decimal> Confidences, QuantileRule Rule)
{
    /// <summary>The level of the interval around each quantile; null for none.</summary>
    public decimal? IntervalLevel { get; init; }

    /// <summary>Scenarios 2k and 2k + 1 are a pair: intervals and standard errors count pairs.</summary>
    public bool Antithetic { get; init; }

    /// <summary>The weight of each scenario; empty when all weigh the same. Needs whole vectors.</summary>
    public ImmutableArray<double> Weights { get; init; } = [];

    /// <summary>Components by child and by factor class.</summary>
    public bool Decompose { get; init; }
}

/// <summary>Takes value at risk and expected shortfall of every node from the tails of a leg, and what they come from. Immutable; nodes may be
/// finished on any threads.</summary>
/// <remarks>
/// Components are Euler's with the rule's own weights of the ordered losses, so those of the children add up to the node's measure at
/// every node, and so do those of the classes with <see cref="RiskComponent.Interaction"/>. Marginal risk is the component per unit of
/// the child's mark-to-market. Incremental risk is the difference of two whole computations: the node's vector, and that of its other
/// children added up anew.
/// </remarks>
public sealed class VarFinisher
{
    private readonly RunTails _tails;
    private readonly NodeBases _bases;
    private readonly VarOptions _options;
    private readonly ImmutableArray<TailWeights> _equal;

    /// <summary>Prepares the weights.</summary>
    /// <param name="tails">The tails, at least as deep as <see cref="TailDepth"/> says for the options.</param>
    /// <param name="bases">What the nodes are worth and hold.</param>
    /// <param name="options">What is asked for.</param>
    /// <exception cref="ArgumentException">The tails are not deep enough, there is no confidence, or there is not one weight per scenario.</exception>
    public VarFinisher(RunTails tails, NodeBases bases, VarOptions options)
    {
        var plan = tails.Plan;
        if (!options.Weights.IsEmpty && (options.Weights.Length != plan.Scenarios || !plan.IsWhole))
            throw new ArgumentException($"{options.Weights.Length} weights need the whole vectors of as many scenarios, not the {plan.Depth} largest losses of {plan.Scenarios}", nameof(options));
        if (bases.Trades.Length != plan.Tree.Nodes.Length || bases.Values.Length != plan.Tree.Nodes.Length)
            throw new ArgumentException($"{plan.Tree.Nodes.Length} nodes have {bases.Trades.Length} and {bases.Values.Length} bases", nameof(bases));
        var needed = TailDepth.Of(plan.Scenarios, options.Confidences.AsSpan(), options.Rule, options.IntervalLevel, options.Antithetic);
        if (options.Weights.IsEmpty && plan.Depth < needed)
            throw new ArgumentException($"the tails keep {plan.Depth} losses of {plan.Scenarios}; these measures need {needed}", nameof(tails));
        (_tails, _bases, _options) = (tails, bases, options);
        _equal = options.Weights.IsEmpty ? [.. options.Confidences.Select(q => TailWeights.Of(plan.Scenarios, q, options.Rule))] : [];
    }

    /// <summary>Every node, in tree order.</summary>
    public ImmutableArray<NodeRisk> All() => [.. _tails.Plan.Tree.Nodes.Select(n => Node(n.Index))];

    /// <summary>One node.</summary>
    /// <param name="node">Index of the node.</param>
    public NodeRisk Node(int node)
    {
        var tail = _tails[_tails.Plan.VectorOf(node)];
        var isEmpty = _bases.Trades[node] == 0;
        if (tail.Failure is { } failure)
            return new NodeRisk(node, isEmpty, failure, 0, []);
        var weights = Enumerable.Range(0, _options.Confidences.Length).Select(q => Weights(tail, q)).ToImmutableArray();
        var parts = new VarParts(_tails, node, _options.Decompose);
        return new NodeRisk(
            node, isEmpty, Failure: null, weights[0].EffectiveScenarios, [.. weights.Select((w, q) => Measure(node, tail, w, q, parts))]);
    }

    private TailWeights Weights(Tail tail, int confidence)
    {
        if (_options.Weights.IsEmpty)
            return _equal[confidence];
        var sorted = new double[tail.Losses.Length];
        for (var i = 0; i < sorted.Length; i++)
            sorted[i] = _options.Weights[tail.Scenarios[i]];
        return TailWeights.Of(sorted, _options.Confidences[confidence], _options.Rule);
    }

    private RiskMeasure Measure(int node, Tail tail, TailWeights weights, int confidence, VarParts parts)
    {
        var (valueAtRisk, shortfall) = Both(tail, weights);
        var sampling = _options.Weights.IsEmpty && _options.IntervalLevel is { } level
            ? SamplingError.Of(tail, _options.Confidences[confidence], _options.Rule, level, _options.Antithetic)
            : default;
        return new RiskMeasure(
            _options.Confidences[confidence],
            valueAtRisk,
            shortfall,
            weights.IsBeyondSample,
            sampling.Interval,
            sampling.ShortfallError,
            [.. parts.Children.Select(p => Child(node, p, tail, weights, confidence, valueAtRisk, shortfall))],
            Classes(parts, tail, weights, confidence, valueAtRisk, shortfall),
            Carriers(tail, weights));
    }

    private RiskComponent Child(int node, VarParts.Part part, Tail tail, TailWeights weights, int confidence, double valueAtRisk, double shortfall)
    {
        var component = Component(part, tail, weights, confidence);
        var value = _bases.Values[part.Node];
        var first = _tails.Plan.Tree.Nodes[node].FirstWithout;
        var without = first < 0 ? null : Own(_tails.Plan.VectorWithout(first + part.Position), confidence);
        return component with
        {
            MarginalVar = value == 0 ? null : component.ComponentVar / value,
            MarginalEs = value == 0 ? null : component.ComponentEs / value,
            IncrementalVar = valueAtRisk - without?.ValueAtRisk,
            IncrementalEs = shortfall - without?.Shortfall,
        };
    }

    private ImmutableArray<RiskComponent> Classes(
        VarParts parts, Tail tail, TailWeights weights, int confidence, double valueAtRisk, double shortfall)
    {
        if (parts.Classes.IsEmpty)
            return [];
        var rows = parts.Classes.Select(p => Component(p, tail, weights, confidence)).ToList();
        if (_options.Decompose && rows.TrueForAll(r => r.ComponentVar is not null))
        {
            var (restVar, restEs) = (valueAtRisk, shortfall);
            foreach (var row in rows)
            {
                restVar -= row.ComponentVar!.Value;
                restEs -= row.ComponentEs!.Value;
            }

            rows.Add(new RiskComponent(RiskComponent.Interaction) { ComponentVar = restVar, ComponentEs = restEs });
        }

        return [.. rows];
    }

    private RiskComponent Component(VarParts.Part part, Tail tail, TailWeights weights, int confidence)
    {
        var own = Own(part.Vector, confidence);
        var component = part.Losses is { } losses
            ? (Var: (double?)weights.ValueAtRisk(losses.AsSpan(weights.First - tail.FirstRank)),
                Es: (double?)weights.ExpectedShortfall(losses.AsSpan(weights.First - tail.FirstRank)))
            : (null, null);
        return new RiskComponent(part.Name)
        {
            ComponentVar = component.Var,
            ComponentEs = component.Es,
            StandaloneVar = own?.ValueAtRisk,
            StandaloneEs = own?.Shortfall,
        };
    }

    private (double ValueAtRisk, double Shortfall)? Own(int vector, int confidence)
    {
        var tail = _tails[vector];
        return tail.Failure is null ? Both(tail, Weights(tail, confidence)) : null;
    }

    private static (double ValueAtRisk, double Shortfall) Both(Tail tail, TailWeights weights)
    {
        var losses = tail.Losses[(weights.First - tail.FirstRank)..];
        return (weights.ValueAtRisk(losses), weights.ExpectedShortfall(losses));
    }

    private static ImmutableArray<int> Carriers(Tail tail, TailWeights weights)
    {
        var carriers = new List<(double Weight, int Entry)>();
        for (var entry = weights.First - tail.FirstRank; entry < tail.Losses.Length; entry++)
        {
            var weight = weights.InValueAtRisk(entry + tail.FirstRank);
            if (weight > 0)
                carriers.Add((weight, entry));
        }

        return
        [
            .. carriers.OrderByDescending(c => c.Weight).ThenBy(c => c.Entry).Take(RiskMeasure.CarriersKept).Select(c => tail.Scenarios[c.Entry]),
        ];
    }
}

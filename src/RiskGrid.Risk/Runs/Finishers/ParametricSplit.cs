using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>One child of a node for a parametric decomposition.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Value">Its mark-to-market.</param>
/// <param name="Own">Its sensitivities; null when it failed.</param>
/// <param name="Without">The sensitivities of the node without it; null when not asked for.</param>
internal sealed record ParametricPart(string Name, double Value, FactorSensitivities? Own, FactorSensitivities? Without);

/// <summary>Decomposes delta-normal and delta-gamma-normal measures of one node at one horizon.</summary>
/// <remarks>
/// With σ² = δ'Σδ + ½tr((ΓΣ)²) and mean m = ½tr(ΓΣ), the measure is kσ − m (k = z for value at risk, E[Z | Z &gt; z] for the shortfall). A part with
/// δc and Γc, of sums δ and Γ, has the component k(δc'Σδ + ½tr(ΓcΣΓΣ))/σ − ½tr(ΓcΣ): Euler's allocation of a function homogeneous of degree
/// one (P. Jorion, Value at Risk (3rd edition 2007), section 7.2, for the linear part). Without gamma the traces fall away.
/// </remarks>
internal sealed class ParametricSplit
{
    private readonly int _n;
    private readonly FactorSensitivities _whole;
    private readonly FactorCovariance _covariance;
    private readonly ImmutableArray<ParametricPart> _parts;
    private readonly Func<FactorSensitivities, DeltaGamma> _model;
    private readonly double[] _covarianceDelta;
    private readonly double[] _covarianceGammaCovariance;
    private readonly double _linear;
    private readonly double _variance;

    public ParametricSplit(
        FactorSensitivities whole, FactorCovariance covariance, ImmutableArray<ParametricPart> parts, Func<FactorSensitivities, DeltaGamma> model)
    {
        (_n, _whole, _covariance, _parts, _model) = (whole.Factors.Length, whole, covariance, parts, model);
        var sigma = covariance.Values.ToArray();
        _covarianceDelta = Matrix.Times(sigma, [.. whole.Delta], _n);
        _covarianceGammaCovariance = Matrix.Product(sigma, Matrix.Product(whole.GammaMatrix(), sigma, _n), _n);
        var own = model(whole);
        (_linear, _variance) = (Math.Sqrt(own.LinearVariance), Math.Sqrt(own.Variance));
    }

    public ImmutableArray<RiskComponent> Children(string approximation, NormalLevel level, ParametricMeasure measure) =>
        HasParts(approximation) ? [.. _parts.Select(p => Child(p, WithGamma(approximation), level, measure))] : [];

    public ImmutableArray<RiskComponent> Classes(string approximation, NormalLevel level)
    {
        if (!HasParts(approximation))
            return [];
        var withGamma = WithGamma(approximation);
        var rows = ImmutableArray.CreateBuilder<RiskComponent>();
        foreach (var factorClass in FactorClasses.Each)
        {
            var inClass = _whole.Factors.Select(f => FactorClasses.Of(f) == factorClass).ToArray();
            if (!inClass.Contains(true))
                continue;
            var component = Component(Share(inClass), withGamma, level);
            var standalone = Measure(_model(Alone(inClass)), withGamma, level);
            rows.Add(new RiskComponent(FactorClasses.Spelled(factorClass).Single())
            {
                ComponentVar = component.ValueAtRisk,
                ComponentEs = component.ExpectedShortfall,
                StandaloneVar = standalone.ValueAtRisk,
                StandaloneEs = standalone.ExpectedShortfall,
            });
        }

        return rows.ToImmutable();
    }

    private static bool HasParts(string approximation) =>
        approximation == ParametricFinisher.Approximations[0] || WithGamma(approximation);

    private static bool WithGamma(string approximation) => approximation == ParametricFinisher.Approximations[1];

    private static ParametricMeasure Measure(DeltaGamma model, bool withGamma, NormalLevel level) =>
        withGamma ? model.DeltaGammaNormal(level) : model.DeltaNormal(level);

    private RiskComponent Child(ParametricPart part, bool withGamma, NormalLevel level, ParametricMeasure measure)
    {
        if (part.Own is null)
            return new RiskComponent(part.Name);
        var component = Component(part.Own, withGamma, level);
        var standalone = Measure(_model(part.Own), withGamma, level);
        var without = part.Without is { } rest ? Measure(_model(rest), withGamma, level) : (ParametricMeasure?)null;
        return new RiskComponent(part.Name)
        {
            ComponentVar = component.ValueAtRisk,
            ComponentEs = component.ExpectedShortfall,
            MarginalVar = part.Value == 0 ? null : component.ValueAtRisk / part.Value,
            MarginalEs = part.Value == 0 ? null : component.ExpectedShortfall / part.Value,
            IncrementalVar = measure.ValueAtRisk - without?.ValueAtRisk,
            IncrementalEs = measure.ExpectedShortfall - without?.ExpectedShortfall,
            StandaloneVar = standalone.ValueAtRisk,
            StandaloneEs = standalone.ExpectedShortfall,
        };
    }

    private ParametricMeasure Component(FactorSensitivities part, bool withGamma, NormalLevel level)
    {
        var (mean, variance) = (0.0, 0.0);
        for (var i = 0; i < _n; i++)
            variance += part.Delta[i] * _covarianceDelta[i];
        foreach (var (first, second, value) in withGamma ? part.Gamma : [])
        {
            var half = first == second ? 0.5 * value : value;
            mean += half * _covariance[first, second];
            variance += half * _covarianceGammaCovariance[(first * _n) + second];
        }

        var deviation = withGamma ? _variance : _linear;
        var share = deviation > 0 ? variance / deviation : 0;
        return new ParametricMeasure((level.Z * share) - mean, (level.Shortfall * share) - mean);
    }

    /// <summary>What a class has of the node's sensitivities, a cross gamma half: the classes' shares add up.</summary>
    private FactorSensitivities Share(bool[] inClass) => new(
        _whole.Factors,
        [.. _whole.Delta.Select((d, i) => inClass[i] ? d : 0)],
        [.. _whole.Gamma.Select(g => g with { Value = 0.5 * g.Value * ((inClass[g.First] ? 1 : 0) + (inClass[g.Second] ? 1 : 0)) })]);

    /// <summary>The sensitivities when only a class moves.</summary>
    private FactorSensitivities Alone(bool[] inClass) => new(
        _whole.Factors,
        [.. _whole.Delta.Select((d, i) => inClass[i] ? d : 0)],
        [.. _whole.Gamma.Where(g => inClass[g.First] && inClass[g.Second])]);
}

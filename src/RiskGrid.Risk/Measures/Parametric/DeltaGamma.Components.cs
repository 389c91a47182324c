namespace RiskGrid.Risk;

/// <content>What each factor adds: Euler's components, marginals and increments. P. Jorion, Value at Risk (3rd edition 2007), chapter 7.</content>
public sealed partial class DeltaGamma
{
    /// <summary>Component VaR of each factor, delta-normal: z·δᵢ(Σδ)ᵢ/σ. They add up to the VaR.</summary>
    public double[] ComponentDeltaNormal(NormalLevel level)
    {
        var components = MarginalDeltaNormal(level);
        for (var i = 0; i < _n; i++)
            components[i] *= _delta[i];
        return components;
    }

    /// <summary>Marginal VaR of each factor, delta-normal: ∂VaR/∂δᵢ = z(Σδ)ᵢ/σ, per unit of delta.</summary>
    public double[] MarginalDeltaNormal(NormalLevel level)
    {
        var deviation = Math.Sqrt(LinearVariance);
        var marginal = new double[_n];
        for (var i = 0; i < _n && deviation > 0; i++)
            marginal[i] = level.Z * _covarianceDelta[i] / deviation;
        return marginal;
    }

    /// <summary>Incremental VaR of each factor, delta-normal: the VaR less that of the position without the factor's delta.</summary>
    public double[] IncrementalDeltaNormal(NormalLevel level)
    {
        var incremental = new double[_n];
        var deviation = Math.Sqrt(LinearVariance);
        for (var i = 0; i < _n; i++)
        {
            var without = LinearVariance - (_delta[i] * ((2 * _covarianceDelta[i]) - (_delta[i] * _covariance[(i * _n) + i])));
            incremental[i] = level.Z * (deviation - Math.Sqrt(Math.Max(0, without)));
        }

        return incremental;
    }

    /// <summary>Component VaR of each factor, delta-gamma-normal: −½(ΓΣ)ᵢᵢ + z[δᵢ(Σδ)ᵢ + ½Σⱼ Γᵢⱼ(ΣΓΣ)ⱼᵢ]/σ. A cross gamma counts half with
    /// each of its factors. They add up to the VaR.</summary>
    public double[] ComponentDeltaGammaNormal(NormalLevel level)
    {
        var deviation = Math.Sqrt(Variance);
        var components = new double[_n];
        for (var i = 0; i < _n; i++)
        {
            var variance = _delta[i] * _covarianceDelta[i];
            for (var j = 0; j < _n; j++)
                variance += 0.5 * _gamma[(i * _n) + j] * _covarianceGammaCovariance[(j * _n) + i];
            components[i] = (deviation > 0 ? level.Z * variance / deviation : 0) - (0.5 * _gammaCovariance[(i * _n) + i]);
        }

        return components;
    }
}

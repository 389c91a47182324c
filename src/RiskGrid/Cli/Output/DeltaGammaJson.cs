using System.Text.Json.Nodes;
using RiskGrid.Cli.NumberFiles;
using RiskGrid.Risk;

namespace RiskGrid.Cli.Output;

/// <summary>The document of <c>riskgrid measure delta-gamma --json</c>.</summary>
internal static class DeltaGammaJson
{
    public static JsonObject Of(SensitivityFiles files, DeltaGamma portfolio, IEnumerable<(NormalLevel Level, ParametricMeasure? Exact)> results) => new()
    {
        ["factors"] = files.Factors.Length,
        ["missing_covariances"] = files.MissingCovariances,
        ["missing_variances"] = new JsonArray([.. files.MissingVariances.Select(f => (JsonNode)f)]),
        ["unused_covariances"] = files.UnusedCovariances,
        ["pnl"] = new JsonObject
        {
            ["mean"] = portfolio.Mean,
            ["variance"] = portfolio.Variance,
            ["standard_deviation"] = Math.Sqrt(portfolio.Variance),
            ["skewness"] = portfolio.Skewness,
            ["excess_kurtosis"] = portfolio.ExcessKurtosis,
        },
        ["levels"] = new JsonArray([.. results.Select(r => (JsonNode)Level(files.Factors, portfolio, r.Level, r.Exact))]),
    };

    private static JsonObject Level(string[] factors, DeltaGamma portfolio, NormalLevel level, ParametricMeasure? exact)
    {
        var expansion = Measure(portfolio.CornishFisherExpansion(level));
        expansion["monotone"] = portfolio.IsCornishFisherMonotone;
        var (component, marginal, incremental, gamma) =
            (portfolio.ComponentDeltaNormal(level), portfolio.MarginalDeltaNormal(level), portfolio.IncrementalDeltaNormal(level), portfolio.ComponentDeltaGammaNormal(level));
        return new JsonObject
        {
            ["confidence"] = 1 - (decimal)level.Beyond,
            ["z"] = level.Z + 0.0,
            ["delta_normal"] = Measure(portfolio.DeltaNormal(level)),
            ["delta_gamma_normal"] = Measure(portfolio.DeltaGammaNormal(level)),
            ["cornish_fisher"] = expansion,
            ["exact"] = exact is { } measure ? Measure(measure) : null,
            ["components"] = new JsonArray([.. factors.Select((factor, i) => (JsonNode)new JsonObject
            {
                ["factor"] = factor,
                ["component_var"] = component[i],
                ["marginal_var"] = marginal[i],
                ["incremental_var"] = incremental[i],
                ["component_var_delta_gamma"] = gamma[i],
            })]),
        };
    }

    private static JsonObject Measure(ParametricMeasure measure) => new() { ["var"] = measure.ValueAtRisk, ["es"] = measure.ExpectedShortfall };
}

namespace RiskGrid.Acceptance.Runs;

/// <summary><c>riskgrid var --method parametric</c> against a running server.</summary>
public sealed class ParametricTests(RunServer server) : IClassFixture<RunServer>
{
    [Fact]
    public async Task A_parametric_VaR_names_its_approximations_and_takes_a_quantile_of_the_normal()
    {
        var run = await server.DocumentAsync("var", "/", "--method", "parametric", "--z", "1.65,3.3");
        var measures = run.Top.GetProperty("measures").EnumerateArray().ToList();
        var linear = measures.Where(m => RunDocument.Text(m, "approximation") == "delta-normal").ToDictionary(m => RunDocument.Text(m, "z"), m => m.GetProperty("value_at_risk").GetDouble());
        Assert.Equal(2 * linear["1.65"], linear["3.3"], 1e-12 * linear["3.3"]);
        Assert.Contains("cornish-fisher", measures.Select(m => RunDocument.Text(m, "approximation")));
    }
}

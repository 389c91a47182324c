using RiskGrid.Model;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

public sealed class RunSpecTests
{
    private const string Full =
        """{"deadline_seconds":60,"market":"EOD","path":"/EQD","scenarios_per_shard":4096,"snapshot_hash":"","var":{"confidences":["0.95","0.99"],"contributors":20,"decompose":true,"factor_classes":["fx","spot"],"horizons_days":[1,10],"incremental":true,"interval_confidence":"0.95","monte_carlo":{"antithetic":true,"decay":0.97,"degrees_of_freedom":5,"from":"2015-01-02","paths":100000,"seed":18446744073709551615,"to":""},"quantile_rule":"harrell-davis","z":[]}}""";

    [Theory]
    [InlineData("""{"pin":{}}""", """{"deadline_seconds":0,"market":"","path":"/","pin":{},"scenarios_per_shard":0,"snapshot_hash":""}""")]
    [InlineData(
        """{"path":"/A","backtest":{"window":500}}""",
        """{"backtest":{"confidences":["0.95","0.975","0.99"],"days":1043,"quantile_rule":"floor","window":500},"deadline_seconds":0,"market":"","path":"/A","scenarios_per_shard":0,"snapshot_hash":""}""")]
    [InlineData(
        """{"explain":{"to_run":"b","from_run":"a"}}""",
        """{"deadline_seconds":0,"explain":{"from_run":"a","to_run":"b"},"market":"","path":"/","scenarios_per_shard":0,"snapshot_hash":""}""")]
    [InlineData(
        """{"stress":{"crises":["2020-03","2008-10"],"ladders":[{"selector":"EQ.*","moves":[-0.1,0.1]}],"matrix":{"spot_moves":[-0.2,0],"volatility_moves":[0.5]}}}""",
        """{"deadline_seconds":0,"market":"","path":"/","scenarios_per_shard":0,"snapshot_hash":"","stress":{"all_crises":false,"crises":["2008-10","2020-03"],"factor_classes":[],"ladders":[{"moves":[-0.1,0.1],"selector":"EQ.*"}],"matrix":{"selector":"*","spot_moves":[-0.2,0],"volatility_moves":[0.5]},"scenarios_json":""}}""")]
    [InlineData(
        """{"var":{"parametric":{"decay":0.94},"z":["1.650"]}}""",
        """{"deadline_seconds":0,"market":"","path":"/","scenarios_per_shard":0,"snapshot_hash":"","var":{"confidences":[],"contributors":0,"decompose":false,"factor_classes":[],"horizons_days":[1],"incremental":false,"interval_confidence":"0.95","parametric":{"decay":0.94,"from":"","to":""},"quantile_rule":"floor","z":["1.65"]}}""")]
    [InlineData(
        """{"var":{"historical":{"hull_white":{"warm_up":100,"decay":0.94},"to":"2020-12-31"},"confidences":["0.990","0.5"]}}""",
        """{"deadline_seconds":0,"market":"","path":"/","scenarios_per_shard":0,"snapshot_hash":"","var":{"confidences":["0.5","0.99"],"contributors":0,"decompose":false,"factor_classes":[],"historical":{"from":"","hull_white":{"decay":0.94,"warm_up":100},"to":"2020-12-31"},"horizons_days":[1],"incremental":false,"interval_confidence":"0.95","quantile_rule":"floor","z":[]}}""")]
    [InlineData(Full, Full)]
    public void A_spec_has_one_text_with_its_defaults_spelled_out(string given, string canonical)
    {
        var spec = RunSpec.FromJson(given);
        Assert.Equal(canonical, spec.ToJson());
        Assert.Equal(canonical, RunSpec.FromJson(canonical).ToJson());
    }

    [Fact]
    public void What_changes_no_number_is_left_out_of_the_manifest_s_text()
    {
        var spec = RunSpec.FromJson(Full);
        var other = spec with { DeadlineSeconds = 0, ScenariosPerShard = 1 };
        Assert.NotEqual(spec.ToJson(), other.ToJson());
        Assert.Equal(spec.ToNumbersJson(), other.ToNumbersJson());
        Assert.NotEqual(spec.ToNumbersJson(), (spec with { Path = "/" }).ToNumbersJson());
    }

    [Theory]
    [InlineData("""{}""", "kind")]
    [InlineData("""[]""", "spec")]
    [InlineData("""{""", "spec")]
    [InlineData("""{"pin":{},"explain":{"from_run":"a","to_run":"b"}}""", "explain")]
    [InlineData("""{"pin":{},"pin":{}}""", "pin")]
    [InlineData("""{"pin":{"x":1}}""", "pin.x")]
    [InlineData("""{"pin":{},"depth":1}""", "depth")]
    [InlineData("""{"pin":{},"path":"EQD"}""", "path")]
    [InlineData("""{"pin":{},"path":"/EQD/"}""", "path")]
    [InlineData("""{"pin":{},"snapshot_hash":"12"}""", "snapshot_hash")]
    [InlineData("""{"pin":{},"deadline_seconds":-1}""", "deadline_seconds")]
    [InlineData("""{"pin":{},"scenarios_per_shard":1.5}""", "scenarios_per_shard")]
    [InlineData("""{"var":{}}""", "var.method")]
    [InlineData("""{"var":{"historical":{},"parametric":{}}}""", "var.parametric")]
    [InlineData("""{"var":{"historical":{},"confidences":["1"]}}""", "var.confidences")]
    [InlineData("""{"var":{"historical":{},"confidences":["0.99","0.990"]}}""", "var.confidences")]
    [InlineData("""{"var":{"historical":{},"confidences":[0.99]}}""", "var.confidences")]
    [InlineData("""{"var":{"historical":{},"quantile_rule":"median"}}""", "var.quantile_rule")]
    [InlineData("""{"var":{"historical":{},"horizons_days":[251]}}""", "var.horizons_days")]
    [InlineData("""{"var":{"historical":{},"factor_classes":["credit"]}}""", "var.factor_classes")]
    [InlineData("""{"var":{"historical":{},"factor_classes":["fx","fx"]}}""", "var.factor_classes")]
    [InlineData("""{"var":{"historical":{},"contributors":1001}}""", "var.contributors")]
    [InlineData("""{"var":{"historical":{},"z":["1.65"]}}""", "var.z")]
    [InlineData("""{"var":{"parametric":{},"z":["0"]}}""", "var.z")]
    [InlineData("""{"var":{"historical":{"decay":1}}}""", "var.historical.decay")]
    [InlineData("""{"var":{"historical":{"from":"2020-01-02","to":"2020-01-01"}}}""", "var.historical.from")]
    [InlineData("""{"var":{"historical":{"from":"yesterday"}}}""", "var.historical.from")]
    [InlineData("""{"var":{"historical":{"hull_white":{"decay":0.9,"warm_up":1}}}}""", "var.historical.hull_white.warm_up")]
    [InlineData("""{"var":{"monte_carlo":{}}}""", "var.monte_carlo.paths")]
    [InlineData("""{"var":{"monte_carlo":{"paths":10000001}}}""", "var.monte_carlo.paths")]
    [InlineData("""{"var":{"monte_carlo":{"paths":5,"antithetic":true}}}""", "var.monte_carlo.paths")]
    [InlineData("""{"var":{"monte_carlo":{"paths":4,"degrees_of_freedom":2}}}""", "var.monte_carlo.degrees_of_freedom")]
    [InlineData("""{"var":{"monte_carlo":{"paths":4,"seed":-1}}}""", "var.monte_carlo.seed")]
    [InlineData("""{"stress":{}}""", "stress")]
    [InlineData("""{"stress":{"ladders":[{"selector":"NO","moves":[0.1]}]}}""", "stress.ladders.selector")]
    [InlineData("""{"stress":{"ladders":[{"selector":"*","moves":[-1]}]}}""", "stress.ladders.moves")]
    [InlineData("""{"stress":{"matrix":{"spot_moves":[0.1]}}}""", "stress.matrix.volatility_moves")]
    [InlineData("""{"explain":{"from_run":"a"}}""", "explain.to_run")]
    [InlineData("""{"backtest":{"days":-1}}""", "backtest.days")]
    [InlineData("""{"backtest":{"days":1}}""", "backtest.days")]
    [InlineData("""{"backtest":{"window":1}}""", "backtest.window")]
    [InlineData("""{"var":{"parametric":{},"z":["8.5"]}}""", "var.z")]
    public void A_field_that_breaks_its_rule_is_named(string given, string field)
    {
        var refusal = Assert.Throws<ValidationException>(() => RunSpec.FromJson(given));
        Assert.Equal(field, refusal.Field);
    }
}

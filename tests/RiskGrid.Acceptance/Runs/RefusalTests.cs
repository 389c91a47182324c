using RiskGrid.Acceptance.Face;

namespace RiskGrid.Acceptance.Runs;

/// <summary>What can't be computed is refused before it is begun, by the name of what is wrong.</summary>
public sealed class RefusalTests(RunServer server) : IClassFixture<RunServer>
{
    [Theory]
    [InlineData("path", "var", "/NOWHERE")]
    [InlineData("horizons_days", "var", "--horizon", "251")]
    [InlineData("decay", "var", "--decay", "1.5")]
    [InlineData("contributors", "var", "--contributors", "1001")]
    [InlineData("factor_classes", "var", "--classes", "weather")]
    [InlineData("paths", "var", "--method", "monte-carlo", "--paths", "0")]
    [InlineData("degrees_of_freedom", "var", "--method", "monte-carlo", "--student-t", "2")]
    [InlineData("1990", "var", "--window", "1990-01-01..1990-12-31")]
    [InlineData("run_id", "var", "--run-id", "no spaces allowed")]
    [InlineData("snapshot_hash", "var", "--snapshot", "abc")]
    [InlineData("no-such-run", "explain", "no-such-run", "no-other")]
    [InlineData("no-such-run", "rerun", "no-such-run")]
    [InlineData("no-such-run", "runs", "no-such-run", "--json")]
    [InlineData("no-such-run", "runs", "no-such-run", "--vector", "/")]
    [InlineData("no-such-run", "runs", "cancel", "no-such-run")]
    public async Task What_cannot_be_computed_ends_with_1_and_is_named(string named, params string[] arguments) =>
        CommandTests.AssertOneLineThatNames((await server.RunAsync(arguments)).MustEndWith(1), named);

    [Fact]
    public async Task The_same_name_again_is_the_same_run_and_another_question_under_it_is_refused()
    {
        var first = await server.DocumentAsync("var", "/DESK", "--run-id", "acceptance.named");
        var same = await server.DocumentAsync("var", "/DESK", "--run-id", "acceptance.named");
        Assert.Equal(first.Root.GetProperty("created_at").GetString(), same.Root.GetProperty("created_at").GetString());
        CommandTests.AssertOneLineThatNames((await server.RunAsync("var", "/", "--run-id", "acceptance.named")).MustEndWith(1), "acceptance.named");
    }
}

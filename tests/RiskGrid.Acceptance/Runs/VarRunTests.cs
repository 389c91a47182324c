namespace RiskGrid.Acceptance.Runs;

/// <summary><c>riskgrid var</c> against a running server: three methods, what the numbers are made of, and that they come again.</summary>
public sealed class VarRunTests(RunServer server) : IClassFixture<RunServer>
{
    // Sums over some thousand numbers in two orders.
    private const double Rounding = 1e-12;

    [Fact]
    public async Task A_historical_VaR_is_the_quantile_of_the_vectors_that_the_run_keeps()
    {
        var run = await server.DocumentAsync("var", "/", "--confidence", "0.99,0.975", "--run-id", "acceptance.quantile");
        Assert.Equal(("acceptance.quantile", "finished"), (run.RunId, run.State));
        Assert.Equal(["/", "/DESK", "/DESK/BOOK-A", "/DESK/BOOK-B", "/EMPTY"], run.Nodes.Select(n => RunDocument.Text(n, "path")));
        foreach (var path in new[] { "/", "/DESK", "/DESK/BOOK-A", "/DESK/BOOK-B" })
        {
            var vector = await PnlVector.ReadAsync(server, run.RunId, path);
            Assert.Equal(run.Root.GetProperty("legs")[0].GetProperty("scenarios").GetInt32(), vector.Pnl.Count);
            foreach (var confidence in new[] { "0.99", "0.975" })
            {
                var (valueAtRisk, shortfall) = vector.Floor(decimal.Parse(confidence, System.Globalization.CultureInfo.InvariantCulture));
                Assert.Equal(valueAtRisk, run.ValueAtRisk(path, confidence));
                Assert.Equal(shortfall, run.Shortfall(path, confidence), Rounding * Math.Abs(shortfall));
            }
        }

        var (books, desk) = (new[] { "/DESK/BOOK-A", "/DESK/BOOK-B" }.Select(p => PnlVector.ReadAsync(server, run.RunId, p)), await PnlVector.ReadAsync(server, run.RunId, "/DESK"));
        var both = await Task.WhenAll(books);
        Assert.Equal(both[0].Pnl.Zip(both[1].Pnl, (a, b) => a + b), desk.Pnl);
    }

    [Fact]
    public async Task A_run_and_the_live_rollup_give_the_same_bits()
    {
        var run = await server.DocumentAsync("var", "/", "--confidence", "0.99,0.975");
        var rollups = (await server.RunAsync("rollup", "/", "--depth", "-1", "--settled", "--json")).MustEndWith(0).OneDocument().GetProperty("nodes").EnumerateArray();
        foreach (var rollup in rollups.Where(r => RunDocument.Text(r, "path") != "/EMPTY"))
        {
            Assert.Equal(rollup.GetProperty("var_99_1d").GetDouble(), run.ValueAtRisk(RunDocument.Text(rollup, "path"), "0.99"));
            Assert.Equal(rollup.GetProperty("es_975_1d").GetDouble(), run.Shortfall(RunDocument.Text(rollup, "path"), "0.975"));
        }
    }

    [Theory]
    [InlineData("floor")]
    [InlineData("linear")]
    [InlineData("harrell-davis")]
    public async Task Components_add_up_at_every_node_and_increments_are_differences_of_two_runs(string rule)
    {
        var run = await server.DocumentAsync("var", "/", "--confidence", "0.99", "--quantile", rule, "--decompose", "--incremental", "--classes", "spot,volatility,rates");
        foreach (var path in new[] { "/", "/DESK" })
        {
            var measure = run.Measure(path, "0.99");
            foreach (var parts in new[] { "children", "classes" })
            {
                var (valueAtRisk, shortfall) = (run.ValueAtRisk(path, "0.99"), run.Shortfall(path, "0.99"));
                Assert.Equal(valueAtRisk, RunDocument.Numbers(measure.GetProperty(parts), "component_var").Sum(), Rounding * Math.Abs(valueAtRisk) * 100);
                Assert.Equal(shortfall, RunDocument.Numbers(measure.GetProperty(parts), "component_es").Sum(), Rounding * Math.Abs(shortfall) * 100);
            }
        }

        // The desk is its two books: without one of them it is the other.
        var children = run.Measure("/DESK", "0.99").GetProperty("children").EnumerateArray().ToList();
        Assert.Equal(["/DESK/BOOK-A", "/DESK/BOOK-B"], children.Select(c => RunDocument.Text(c, "name")));
        var increment = run.ValueAtRisk("/DESK", "0.99") - run.ValueAtRisk("/DESK/BOOK-B", "0.99");
        Assert.Equal(increment, children[0].GetProperty("incremental_var").GetDouble(), Rounding * run.ValueAtRisk("/DESK", "0.99"));
    }

    [Fact]
    public async Task Windows_weights_filters_and_horizons_change_what_is_replayed()
    {
        var window = await server.DocumentAsync("var", "/", "--window", "2008-01-01..2009-12-31", "--horizon", "1,10");
        var legs = window.Root.GetProperty("legs").EnumerateArray().ToList();
        Assert.Equal(["1d", "10d"], legs.Select(l => RunDocument.Text(l, "name")));
        Assert.InRange(legs[0].GetProperty("scenarios").GetInt32(), 400, 505);
        var labels = (await PnlVector.ReadAsync(server, window.RunId, "/")).Labels;
        Assert.All(labels, l => Assert.InRange(l, "2008-01-01", "2009-12-31"));

        var weighted = await server.DocumentAsync("var", "/", "--decay", "0.97");
        Assert.InRange(weighted.Top.GetProperty("effective_scenarios").GetDouble(), 60, 70);
        var filtered = await server.DocumentAsync("var", "/", "--hull-white", "0.94,250");
        Assert.NotEqual(window.ValueAtRisk("/", "0.99"), filtered.ValueAtRisk("/", "0.99"));
    }

    [Fact]
    public async Task A_Monte_Carlo_VaR_has_an_interval_and_the_same_seed_gives_the_same_bits_whatever_the_shards()
    {
        string[] ask = ["var", "/", "--method", "monte-carlo", "--paths", "20000", "--seed", "7", "--confidence", "0.99", "--antithetic"];
        var run = await server.DocumentAsync(ask);
        var again = await server.DocumentAsync([.. ask, "--shard", "777"]);
        var other = await server.DocumentAsync([.. ask[..7], "8", .. ask[8..]]);
        Assert.Equal(run.ResultHash, again.ResultHash);
        Assert.NotEqual(run.ResultHash, other.ResultHash);
        var measure = run.Measure("/", "0.99");
        var interval = measure.GetProperty("interval");
        var valueAtRisk = run.ValueAtRisk("/", "0.99");
        Assert.InRange(valueAtRisk, interval.GetProperty("lower").GetDouble(), interval.GetProperty("upper").GetDouble());
        Assert.InRange(measure.GetProperty("shortfall_standard_error").GetDouble(), 0, valueAtRisk / 10);
        Assert.Equal(valueAtRisk, other.ValueAtRisk("/", "0.99"), valueAtRisk / 10);

        var fat = await server.DocumentAsync([.. ask, "--student-t", "3"]);
        Assert.True(fat.Shortfall("/", "0.99") > run.Shortfall("/", "0.99"), "Student's t with 3 degrees of freedom has a longer tail than the normal");
    }

    [Fact]
    public async Task A_rerun_is_equal_to_the_bit()
    {
        var run = await server.DocumentAsync("var", "/", "--method", "monte-carlo", "--paths", "5000", "--decompose");
        var text = (await server.RunAsync("rerun", run.RunId)).MustEndWith(0).Output;
        Assert.Contains($"is equal to {run.RunId} to the bit", text, StringComparison.Ordinal);
        var rerun = await server.DocumentAsync("rerun", run.RunId, "--run-id", "acceptance.again");
        var report = rerun.Root.GetProperty("rerun");
        Assert.True(report.GetProperty("identical").GetBoolean());
        Assert.True(report.GetProperty("numbers").GetInt64() >= 2 * run.Nodes.Count, "every number of every node was compared");
        Assert.Equal((run.ResultHash, run.RunId), (rerun.ResultHash, RunDocument.Text(rerun.Root, "rerun_of")));
    }

    [Fact]
    public async Task The_tables_show_the_same_numbers()
    {
        var run = await server.RunAsync("var", "/", "--confidence", "0.99", "--decompose", "--depth", "-1", "--run-id", "acceptance.table");
        var text = run.MustEndWith(0).Output;
        foreach (var named in new[] { "/DESK/BOOK-A", "component ES", "99 %", "riskgrid rerun acceptance.table", "4 trades in 3 books" })
            Assert.Contains(named, text, StringComparison.Ordinal);
        var shown = (await server.RunAsync("runs", "acceptance.table", "--depth", "-1")).MustEndWith(0).Output;
        Assert.Equal(text, shown);
        Assert.Contains("/DESK/BOOK-B", (await server.RunAsync("runs", "acceptance.table", "--path", "/DESK")).MustEndWith(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_trades_is_a_clear_answer()
    {
        var run = await server.RunAsync("var", "/EMPTY");
        Assert.Contains("/EMPTY", run.Output + run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", run.Output, StringComparison.Ordinal);
    }
}

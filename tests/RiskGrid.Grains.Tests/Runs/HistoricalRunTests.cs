using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests.Runs;

public sealed class HistoricalRunTests
{
    [Fact]
    public async Task A_runs_vectors_and_measures_are_the_live_ones_to_the_bit()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var live = await silo.SettleAsync();
        var run = await silo.ComputeAsync("hist", RunSilo.Historical());
        Assert.Equal(SmallFirm.Scenarios.Hash, run.Result.Legs.Single().ScenarioSetHash);
        foreach (var (path, report) in live.Nodes)
        {
            var vector = await silo.Run("hist").GetVector(new Wire.GetRunVectorRequest { RunId = "hist", Path = path }, CancellationToken.None).Within("the vector is read");
            Assert.Equal(Convert.ToHexString(report.Pnl.Span), Convert.ToHexString(vector.Pnl.Span));
            Assert.Equal(SmallFirm.Scenarios.Count, vector.Labels.Count);
            var node = run.Node(path);
            Assert.Equal(Bits.Of(report.Rollup.Measures.Mtm), Bits.Of(node.BaseValue));
            Assert.Equal(Bits.Of(report.Rollup.Tail.Var991D), Bits.Of(node.Measures.Single(m => m.Confidence == "0.99").ValueAtRisk));
            Assert.Equal(Bits.Of(report.Rollup.Tail.Es9751D), Bits.Of(node.Measures.Single(m => m.Confidence == "0.975").ExpectedShortfall));
            Assert.Equal(report.Rollup.Coverage.Trades, node.Coverage.Trades);
            Assert.Equal(report.Rollup.Tail.TradesMissing, node.Coverage.Missing);
        }
    }

    [Fact]
    public async Task Components_add_up_and_incremental_risk_is_the_difference_of_two_runs()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var run = await silo.ComputeAsync("whole", RunSilo.Historical());
        foreach (var node in run.Result.Nodes)
        {
            foreach (var measure in node.Measures)
            {
                Assert.Equal(measure.ValueAtRisk, measure.Classes.Sum(c => c.ComponentVar), 1e-9 * Math.Abs(measure.ValueAtRisk));
                Assert.Equal(measure.ExpectedShortfall, measure.Classes.Sum(c => c.ComponentEs), 1e-9 * Math.Abs(measure.ExpectedShortfall));
                if (measure.Children.Count > 0)
                    Assert.Equal(measure.ValueAtRisk, measure.Children.Sum(c => c.ComponentVar), 1e-9 * Math.Abs(measure.ValueAtRisk));
            }
        }

        // Without the stock desk the firm is the index desk alone.
        var index = await silo.ComputeAsync("index", RunSilo.Historical("/INDEX"));
        foreach (var (firm, alone) in run.Node("/").Measures.Zip(index.Node("/INDEX").Measures))
        {
            var incremental = firm.Children.Single(c => c.Name == "/STOCK").IncrementalVar;
            Assert.Equal(firm.ValueAtRisk - alone.ValueAtRisk, incremental, 1e-12 * Math.Abs(firm.ValueAtRisk));
        }
    }

    [Fact]
    public async Task The_trades_named_and_the_others_add_up_to_the_scopes_risk()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var specs = new[] { RunSilo.Historical(), RunSilo.MonteCarlo(2_000) };
        foreach (var (spec, id) in specs.Zip(new[] { "history", "draws" }))
        {
            spec.Var.Contributors = 5;
            var run = await silo.ComputeAsync(id, spec);
            foreach (var measure in run.Node("/").Measures)
            {
                Assert.Equal(6, measure.Trades.Count);
                Assert.Equal(measure.ValueAtRisk, measure.Trades.Sum(t => t.ComponentVar), 1e-9 * Math.Abs(measure.ValueAtRisk));
                Assert.Equal(measure.ExpectedShortfall, measure.Trades.Sum(t => t.ComponentEs), 1e-9 * Math.Abs(measure.ExpectedShortfall));
            }
        }
    }

    [Fact]
    public async Task Weights_filters_and_windows_are_each_a_scenario_set_of_its_own()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        Wire.HistoricalMethod[] methods =
        [
            new() { Decay = 0.97 },
            new() { HullWhite = new Wire.HullWhiteFilter { Decay = 0.94, WarmUp = 10 } },
            new() { From = "2024-01-10", To = "2024-02-20" },
            new() { From = "2024-01-10", To = "2024-01-10" },
        ];
        var hashes = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < methods.Length; i++)
        {
            var run = await silo.ComputeAsync($"method-{i}", new Wire.RunSpec { Var = new Wire.VarSpec { Historical = methods[i], HorizonsDays = { 1, i == 3 ? 2u : 5u } } });
            Assert.Equal(["1d", i == 3 ? "2d" : "5d"], run.Result.Legs.Select(l => l.Name));
            Assert.True(hashes.Add(run.Result.Legs[0].ScenarioSetHash), "another scenario set");
            var rerun = await silo.RerunAsync($"again-{i}", $"method-{i}");
            Assert.True(rerun.Rerun.Identical, rerun.Rerun.ToString());
        }

        // One scenario: its loss is every quantile, and the result says that it rests on nothing else.
        var single = (await silo.Run("method-3").GetRun(new Wire.GetRunRequest())).Node("/").Measures[0];
        Assert.Equal(single.ValueAtRisk, single.ExpectedShortfall);
        Assert.NotEmpty(single.Caveat);
    }
}

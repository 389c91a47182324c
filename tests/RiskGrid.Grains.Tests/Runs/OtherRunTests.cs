using RiskGrid.Grid;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests.Runs;

/// <summary>Parametric value at risk, backtests and explains through the grid; what they compute is tested where it is defined.</summary>
public sealed class OtherRunTests
{
    [Fact]
    public async Task Parametric_measures_add_up_and_run_again_to_the_same_bits()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var run = await silo.ComputeAsync("parametric", new Wire.RunSpec
        {
            Var = new Wire.VarSpec { Parametric = new Wire.ParametricMethod(), Confidences = { "0.99" }, Z = { "1.65" }, HorizonsDays = { 1, 10 }, Decompose = true },
        });
        foreach (var node in run.Result.Nodes)
        {
            var normal = node.Measures.Where(m => m.Approximation == "delta-normal").ToList();
            Assert.Equal(4, normal.Count);
            Assert.All(normal.Where(m => m.Children.Count > 0), m => Assert.Equal(m.ValueAtRisk, m.Children.Sum(c => c.ComponentVar), 1e-9 * m.ValueAtRisk));
            Assert.Equal(Math.Sqrt(10) * normal[0].ValueAtRisk, normal[2].ValueAtRisk, 1e-9 * normal[2].ValueAtRisk);
            Assert.Equal(("", "1.65"), (normal[1].Confidence, normal[1].Z));
        }

        var rerun = await silo.RerunAsync("again", "parametric");
        Assert.True(rerun.Rerun.Identical, rerun.Rerun.ToString());
    }

    [Fact]
    public async Task A_backtest_counts_the_days_beyond_the_value_at_risk_of_the_window_before()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var run = await silo.ComputeAsync("backtest", new Wire.RunSpec { Backtest = new Wire.BacktestSpec { Days = 30, Window = 25, Confidences = { "0.9" } } });
        var firm = run.Node("/");
        var measure = firm.Backtests.Single();
        var vector = await silo.Run("backtest").GetVector(new Wire.GetRunVectorRequest { RunId = "backtest" }, CancellationToken.None).Within("the vector is read");
        var pnl = Nodes.PnlVectors.FromWire(vector.Pnl).ToArray();
        var days = Enumerable.Range(pnl.Length - 30, 30).Where(t => -pnl[t] > Risk.TailMeasures.ValueAtRisk(pnl.AsSpan(t - 25, 25), 0.9m)).Select(t => vector.Labels[t]);
        Assert.Equal(days, measure.ExceptionDays);
        Assert.Equal((30u, (uint)measure.ExceptionDays.Count), (measure.Observations, measure.Exceptions));
        Assert.Equal(30u, firm.Attribution.Observations);

        var refused = await RunSilo.Refused(silo.StartRunAsync("too-long", new Wire.RunSpec { Backtest = new Wire.BacktestSpec() }));
        Assert.Equal(GridErrorCode.InvalidArgument, refused.Code);
        Assert.Contains("1043 days", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explain_adds_up_to_the_change_of_value_between_two_runs()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var pin = new Wire.RunSpec { Pin = new Wire.PinSpec() };
        var before = await silo.ComputeAsync("before", pin);
        await silo.PublishAsync(SmallFirm.Quote("IDX.SP500", 6950), SmallFirm.Quote("FX.EURUSD", 1.19));
        await silo.BookAsync(Commands.Book("new", "NEW-1", SmallFirm.Terms(SmallFirm.Far, 1, 7)));
        var after = await silo.ComputeAsync("after", pin);
        var spec = new Wire.RunSpec { Explain = new Wire.ExplainSpec { FromRun = "before", ToRun = "after" } };
        var run = await silo.ComputeAsync("explain", spec);
        foreach (var node in run.Result.Nodes)
        {
            var total = node.Explain.Single(l => l.Name == "total").Pnl;
            var scale = Math.Abs(node.BaseValue) + 1;
            Assert.Equal(after.Node(node.Path).BaseValue - before.Node(node.Path).BaseValue, total, 1e-9 * scale);
            Assert.Equal(total, node.Explain.Where(l => l.Name != "total").Sum(l => l.Pnl), 1e-9 * scale);
        }

        Assert.NotEqual(0, run.Node("/").Explain.Single(l => l.Name == "new trades").Pnl);
        Assert.True((await silo.RerunAsync("again", "explain")).Rerun.Identical, "the rerun");
        Assert.Equal(GridErrorCode.NotFound, (await RunSilo.Refused(silo.StartRunAsync("bad", new Wire.RunSpec { Explain = new Wire.ExplainSpec { FromRun = "nobody", ToRun = "after" } }))).Code);
    }
}

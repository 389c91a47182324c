using Google.Rpc;
using NodaTime;
using RiskGrid.Grid;
using RiskGrid.Model;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests.Runs;

/// <summary>Starting, stopping and refusing runs: each has a clear answer.</summary>
public sealed class RunLifeTests
{
    [Fact]
    public async Task The_same_start_again_is_the_same_run_and_another_spec_is_refused()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var spec = RunSilo.Historical();
        var both = await Task.WhenAll(silo.StartRunAsync("once", spec), silo.StartRunAsync("once", spec));
        Assert.Equal(both[0].ManifestHash, both[1].ManifestHash);
        var run = await silo.EndOfAsync("once");
        await silo.PublishAsync(SmallFirm.Quote("IDX.SP500", 6800));
        Assert.Equal(run.ResultHash, (await silo.StartRunAsync("once", spec)).ResultHash);
        Assert.Equal(GridErrorCode.AlreadyExists, (await RunSilo.Refused(silo.StartRunAsync("once", RunSilo.Historical("/INDEX")))).Code);
        var listed = Assert.Single((await silo.Registry().ListRuns(new Wire.ListRunsRequest())).Runs);
        Assert.Equal(("once", run.Progress.ItemsDone, "done"), (listed.RunId, listed.Progress.ItemsDone, listed.Progress.Stage));
        Assert.True(listed.Progress.ElapsedSeconds > 0, "the time it took is listed");
    }

    /// <summary>Also where the run's own grain lives, which has read the inputs already.</summary>
    [Fact]
    public async Task A_silo_tells_once_for_each_run_that_it_works_on_it()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        await silo.ComputeAsync("one", RunSilo.MonteCarlo(10_000));
        await silo.ComputeAsync("other", RunSilo.Historical());
        var told = silo.Log.Of("RunTakenUp").ToList();
        Assert.Equal(2, told.Count);
        Assert.Contains("one", told[0], StringComparison.Ordinal);
        Assert.Contains("other", told[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_run_stops_at_once_and_stays_cancelled()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine });
        var never = new TaskCompletionSource();
        engine.HoldsWork = _ => never.Task;
        await silo.StartRunAsync("stopped", RunSilo.MonteCarlo(10_000));
        var cancelled = await silo.Run("stopped").Cancel(new Wire.CancelRunRequest { RunId = "stopped" }).Within("the run is cancelled");
        Assert.Equal(Wire.RunState.Cancelled, cancelled.State);
        Assert.Equal((int)GridErrorCode.Cancelled, cancelled.Error.Code);
        engine.HoldsWork = _ => Task.CompletedTask;
        Assert.Equal(Wire.RunState.Cancelled, (await silo.Run("stopped").Cancel(new Wire.CancelRunRequest { RunId = "stopped" })).State);
        Assert.Equal(Wire.RunState.Cancelled, (await silo.StartRunAsync("stopped", RunSilo.MonteCarlo(10_000))).State);
        Assert.Empty(silo.Log.Errors);
    }

    [Fact]
    public async Task A_run_past_its_deadline_fails_and_says_how_far_it_came()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine });
        var never = new TaskCompletionSource();
        engine.HoldsWork = _ => never.Task;
        var spec = RunSilo.MonteCarlo(10_000);
        spec.DeadlineSeconds = 0.05;
        await silo.StartRunAsync("late", spec);
        var run = await silo.EndOfAsync("late");
        Assert.Equal((Wire.RunState.Failed, (int)GridErrorCode.DeadlineExceeded), (run.State, run.Error.Code));
        Assert.Contains("0 of 1 shards", run.Error.Message, StringComparison.Ordinal);
        var listed = Assert.Single((await silo.Registry().ListRuns(new Wire.ListRunsRequest())).Runs);
        Assert.Equal((0u, 1u), (listed.Progress.ItemsDone, listed.Progress.ItemsTotal));
        Assert.Equal(run.Progress.ElapsedSeconds, listed.Progress.ElapsedSeconds);
    }

    [Fact]
    public async Task A_deadline_in_two_months_is_kept_to_also_by_who_takes_the_run_over()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (engine, time) = (new ControlledEngine(), new LeapingTime());
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, Time = time });
        engine.HoldsWork = _ => new TaskCompletionSource().Task;
        var spec = RunSilo.MonteCarlo(1_000);
        spec.DeadlineSeconds = TimeSpan.FromDays(60).TotalSeconds;
        await silo.StartRunAsync("far", spec);
        engine.LoseOwnership("run", "far");
        foreach (var days in new[] { 0, 25, 25, 9 })
        {
            time.Leap(TimeSpan.FromDays(days));
            var run = await silo.Run("far").GetRun(new Wire.GetRunRequest()).Within("the run answers");
            Assert.Equal(Wire.RunState.Running, run.State);
        }

        time.Leap(TimeSpan.FromDays(2));
        var late = await silo.EndOfAsync("far");
        Assert.Equal((Wire.RunState.Failed, (int)GridErrorCode.DeadlineExceeded), (late.State, late.Error.Code));
        Assert.Empty(silo.Log.Errors);
    }

    [Fact]
    public async Task A_node_without_trades_has_zeros_and_says_so()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        await silo.PutAsync(SmallFirm.Book("EMPTY", "EMPTY", "D-INDEX"));
        var node = (await silo.ComputeAsync("empty", RunSilo.Historical("/INDEX/EMPTY"))).Node("/INDEX/EMPTY");
        Assert.All(node.Measures, m => Assert.Equal((0.0, 0.0), (m.ValueAtRisk, m.ExpectedShortfall)));
        Assert.Contains("no trades", node.Failure, StringComparison.Ordinal);
        Assert.Equal(0u, node.Coverage.Trades);
    }

    [Theory]
    [InlineData("EQ.NEW", "USD", "USD", "EQ.NEW")]
    [InlineData("CMD.WHEAT", "USD", "USD", "CMD.WHEAT")]
    [InlineData("IDX.SP500", "USD", "CHF", "no FX rate between CHF and USD")]
    public async Task A_trade_whose_factor_has_no_history_is_named_and_the_others_count(string underlying, string curve, string currency, string missing)
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var before = await silo.ComputeAsync("before", RunSilo.MonteCarlo(500));
        var option = new EuropeanOption(
            "NEW", FactorName.Parse(underlying), curve, OptionType.Call, 100, new LocalDateTime(2026, 6, 19, 16, 0), Currency.Parse(currency), 100);
        await silo.BookAsync(Commands.Book("listed", "LISTED", new TradeTerms(option, 5, NodeId.Parse(SmallFirm.Apple), "CP")));
        var quotes = SmallFirm.ContractQuotes(option, new Dictionary<string, double> { [underlying] = 105 }).Select(q => SmallFirm.Quote(q.Key, q.Value));
        var more = SmallFirm.Market.ContainsKey(underlying) ? SmallFirm.Quote("FX.EURCHF", 0.94) : SmallFirm.Quote(underlying, 105);
        await silo.PublishAsync([.. quotes, more]);
        var after = await silo.ComputeAsync("after", RunSilo.MonteCarlo(500));
        var coverage = after.Node("/").Coverage;
        Assert.Equal((201u, 1u), (coverage.Trades, coverage.Missing));
        var failure = Assert.Single(coverage.Failures);
        Assert.Equal("LISTED", failure.TradeId);
        Assert.StartsWith(missing, failure.Reason, StringComparison.Ordinal);
        Assert.Equal(before.Node("/").Measures[0].ValueAtRisk, after.Node("/").Measures[0].ValueAtRisk);
        Assert.NotEqual(before.Node("/").BaseValue, after.Node("/").BaseValue);
    }

    [Fact]
    public async Task A_pin_freezes_and_values_without_scenarios()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var run = await silo.ComputeAsync("pin", new Wire.RunSpec { Pin = new Wire.PinSpec() });
        var live = await silo.SettleAsync();
        Assert.Equal(Bits.Of(live.Firm.Rollup.Measures.Mtm), Bits.Of(run.Node("/").BaseValue));
        Assert.Equal(200u, run.Inputs.Trades);
    }

    [Theory]
    [InlineData("spec", "{}")]
    [InlineData("spec.path", """{"path":"/NOWHERE","pin":{}}""")]
    [InlineData("spec.var.confidences", """{"var":{"confidences":["99"],"historical":{}}}""")]
    [InlineData("spec.var.confidences", """{"var":{"confidences":["high"],"historical":{}}}""")]
    [InlineData("spec.var.horizons_days", """{"var":{"horizons_days":[0],"historical":{}}}""")]
    [InlineData("spec.var.monte_carlo.paths", """{"var":{"monte_carlo":{}}}""")]
    [InlineData("spec.var.monte_carlo.degrees_of_freedom", """{"var":{"monte_carlo":{"paths":10,"degrees_of_freedom":2}}}""")]
    [InlineData("spec.var.historical.from", """{"var":{"historical":{"from":"yesterday"}}}""")]
    [InlineData("spec.var.factor_classes", """{"var":{"factor_classes":["weather"],"historical":{}}}""")]
    [InlineData("spec.var.historical.from", """{"var":{"historical":{"from":"1990-01-01","to":"1990-12-31"}}}""")]
    [InlineData("spec.var.monte_carlo.from", """{"var":{"monte_carlo":{"paths":10,"from":"2030-01-01"}}}""")]
    [InlineData("spec.var.parametric.from", """{"var":{"parametric":{"from":"2030-01-01"}}}""")]
    [InlineData("spec.var.monte_carlo", """{"var":{"monte_carlo":{"paths":10,"from":"2024-01-10","to":"2024-01-10"}}}""")]
    [InlineData("spec.var.parametric", """{"var":{"parametric":{"from":"2024-01-10","to":"2024-01-10"}}}""")]
    [InlineData("spec.var.factor_classes", """{"var":{"parametric":{},"factor_classes":["spot"]}}""")]
    [InlineData("spec.var.incremental", """{"var":{"parametric":{},"incremental":true}}""")]
    [InlineData("spec.var.contributors", """{"var":{"parametric":{},"contributors":3}}""")]
    [InlineData("spec.var.quantile_rule", """{"var":{"parametric":{},"quantile_rule":"QUANTILE_RULE_LINEAR"}}""")]
    [InlineData("spec.var.interval_confidence", """{"var":{"parametric":{},"interval_confidence":"0.9"}}""")]
    [InlineData("spec.var.z", """{"var":{"historical":{},"z":["1.65"]}}""")]
    [InlineData("spec.snapshot_hash", """{"snapshot_hash":"00","explain":{"from_run":"a","to_run":"b"}}""")]
    [InlineData("spec.market", """{"market":"moon","pin":{}}""")]
    [InlineData("spec.stress", """{"stress":{}}""")]
    public async Task An_impossible_spec_is_refused_by_field_and_nothing_is_stored(string field, string json)
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var refused = await RunSilo.Refused(silo.StartRunAsync("bad", Wire.RunSpec.Parser.ParseJson(json)));
        Assert.Equal(GridErrorCode.InvalidArgument, refused.Code);
        Assert.Equal(field, refused.Detail<BadRequest>()!.FieldViolations[0].Field);
        Assert.Empty((await silo.Registry().ListRuns(new Wire.ListRunsRequest())).Runs);
        Assert.Equal(GridErrorCode.NotFound, (await RunSilo.Refused(silo.Run("bad").GetRun(new Wire.GetRunRequest { RunId = "bad" }))).Code);
    }

    [Theory]
    [InlineData("spec.var.historical.to, spec.var.confidences", """{"var":{"confidences":["high"],"historical":{"to":"tomorrow"}}}""")]
    [InlineData(
        "spec.path, spec.var.contributors, spec.var.monte_carlo.paths, spec.var.z, spec.var.horizons_days, spec.var.confidences",
        """{"path":"here","var":{"confidences":["99"],"horizons_days":[0],"contributors":5000,"z":["1"],"monte_carlo":{"paths":0}}}""")]
    [InlineData("spec.var.factor_classes, spec.var.incremental", """{"var":{"parametric":{},"factor_classes":["fx"],"incremental":true}}""")]
    [InlineData("spec.stress.crises, spec.stress.ladders.moves", """{"stress":{"crises":["a b"],"ladders":[{"selector":"*"}]}}""")]
    [InlineData("spec.backtest.days, spec.backtest.window", """{"backtest":{"days":1,"window":1}}""")]
    public async Task All_that_is_wrong_with_a_spec_is_named_at_once(string fields, string json)
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var refused = await RunSilo.Refused(silo.StartRunAsync("bad", Wire.RunSpec.Parser.ParseJson(json)));
        Assert.Equal(fields, string.Join(", ", refused.Detail<BadRequest>()!.FieldViolations.Select(v => v.Field)));
        Assert.All(fields.Split(", "), f => Assert.Contains(f, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_window_of_fewer_days_than_factors_makes_a_singular_covariance_that_can_be_drawn_from()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        foreach (var (id, json) in new[]
        {
            ("drawn", """{"var":{"monte_carlo":{"paths":2000,"seed":"1","from":"2024-01-10","to":"2024-01-12"}}}"""),
            ("parametric", """{"var":{"parametric":{"from":"2024-01-10","to":"2024-01-12"}}}"""),
        })
        {
            var run = await silo.ComputeAsync(id, Wire.RunSpec.Parser.ParseJson(json));
            Assert.All(run.Node("/").Measures, m => Assert.True(m.ValueAtRisk > 0 && double.IsFinite(m.ExpectedShortfall), $"{id}: {m}"));
        }
    }

    [Fact]
    public async Task Without_a_history_a_run_that_needs_one_is_refused()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { History = null, Scenarios = null });
        var refused = await RunSilo.Refused(silo.StartRunAsync("none", RunSilo.Historical()));
        Assert.Contains("no history panel", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_runs_are_not_found()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        Assert.Equal(GridErrorCode.NotFound, (await RunSilo.Refused(silo.Run("x").Cancel(new Wire.CancelRunRequest()))).Code);
        Assert.Equal(GridErrorCode.NotFound, (await RunSilo.Refused(silo.Run("x").Start(new Wire.StartRunRequest { RunId = "x", RerunOf = "y" }, CancellationToken.None))).Code);
    }
}

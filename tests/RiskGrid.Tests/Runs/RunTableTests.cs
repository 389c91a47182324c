using RiskGrid.Cli.Output;
using RiskGrid.Cli.Output.Runs;
using RiskGrid.Cli.Runs;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Tests.Runs;

/// <summary>What a person reads of a run.</summary>
public sealed class RunTableTests
{
    [Fact]
    public void Nodes_show_VaR_ES_and_how_sure_they_are_in_one_unit()
    {
        var text = Rendered.Text(VarTables.Nodes(RunText.Within(SampleRuns.HistoricalVar(), 1), "USD", 200));
        Assert.Equal(["/", "1 d", "99 %", "123.46", "150.00", "118.46 .. 129.46", "2.50", "5", "1"], Rendered.Words(Rendered.Line(text, "/")));
        Assert.Equal("110.00", Rendered.Words(Rendered.Line(text, "/EQD"))[4]);
        Assert.Contains("VaR within (95 %)", text, StringComparison.Ordinal);
        Assert.Contains("USD millions", text, StringComparison.Ordinal);
        Assert.DoesNotContain("BOOK-A", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_narrow_terminal_loses_the_last_columns_and_says_which()
    {
        var text = Rendered.Text(VarTables.Nodes(RunText.Within(SampleRuns.HistoricalVar(), 1), "USD", 60), 60);
        Assert.Contains("VaR", text, StringComparison.Ordinal);
        Assert.Contains("no room for", text.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("missing", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_begin_with_component_ES_largest_first_and_add_up()
    {
        var text = Rendered.Text(Assert.Single(VarTables.Parts(SampleRuns.HistoricalVar().Result.Nodes[0], "USD", 200)));
        var heading = text.Split('\n').First(l => l.Contains("component", StringComparison.Ordinal));
        Assert.True(heading.IndexOf("component ES", StringComparison.Ordinal) < heading.IndexOf("component VaR", StringComparison.Ordinal));
        Assert.True(text.IndexOf("/EQD", StringComparison.Ordinal) < text.IndexOf("/RATES", StringComparison.Ordinal));
        Assert.Equal(["/EQD", "100.00", "66.7 %", "90.00", "80.00"], Rendered.Words(Rendered.Line(text, "/EQD")));
        Assert.Equal(["in all", "150.00", "100.0 %", "123.46", "-"], Rendered.Words(Rendered.Line(text, "in")));
        Assert.DoesNotContain("marginal", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_trades_are_named_with_their_reasons()
    {
        var lines = RunText.Coverage(SampleRuns.HistoricalVar().Result.Nodes[0]).ToList();
        Assert.Equal(["1 of 5 trades of / are not in these numbers:", "  T-9: no VOL.SPX quote"], lines);
        Assert.Equal("/X has no numbers: no trades.", Assert.Single(RunText.Coverage(new NodeRisk { Path = "/X", Failure = "no trades" })));
        var many = new NodeRisk { Path = "/X", Coverage = new RunCoverage { Trades = 30, Missing = 25, Failures = { new TradeFailure { TradeId = "T", Reason = "r" } } } };
        Assert.Equal("  ... and 24 more.", RunText.Coverage(many).Last());
    }

    [Fact]
    public void The_footer_says_from_what_how_long_and_how_to_have_it_again()
    {
        var footer = string.Join('\n', RunText.Footer(SampleRuns.HistoricalVar()));
        Assert.Contains("1d: 4,446 scenarios, 6 dropped", footer, StringComparison.Ordinal);
        Assert.Contains("19,987 trades in 2 books of /", footer, StringComparison.Ordinal);
        Assert.Contains("2026-01-30T21:15:00Z", footer, StringComparison.Ordinal);
        Assert.Contains("3.25 s, 88,862,202 revaluations (5.50 s of pricing threads), 1 of 4 shards taken over", footer, StringComparison.Ordinal);
        Assert.Contains("riskgrid rerun var-1", footer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_names_fields_before_words()
    {
        Assert.Equal("var-2 failed: the covariance is singular", RunText.Failure(SampleRuns.Failed()));
        Assert.Equal("var-2 failed: a: b; c: d", RunText.Failure(SampleRuns.Failed(("a", "b"), ("c", "d"))));
        Assert.Equal("x was cancelled", RunText.Failure(new Run { RunId = "x", State = RunState.Cancelled, Error = new() { Message = "cancelled" } }));
        Assert.Equal("x was cancelled", RunText.Failure(new Run { RunId = "x", State = RunState.Cancelled }));
    }

    [Fact]
    public void A_matrix_is_a_grid_with_spot_down_and_volatility_across()
    {
        var node = new NodeRisk { Path = "/" };
        foreach (var spot in new[] { 0.1, -0.1 })
        {
            foreach (var vol in new[] { 0.2, 0 })
                node.Stress.Add(new StressPnl { Group = "matrix", Scenario = "m", Pnl = 100 * spot + vol, SpotMove = spot, VolatilityMove = vol });
        }

        var text = Rendered.Text(Assert.Single(StressTables.Create([node], "USD", 200)));
        Assert.Equal(["-10 %", "-10.00", "-9.80"], Rendered.Words(Rendered.Line(text, "-10")));
        Assert.Equal(["+10 %", "10.00", "10.20"], Rendered.Words(Rendered.Line(text, "+10")));
        Assert.Contains("vol +20 %", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Crises_stand_beside_their_classes_and_the_nodes_below()
    {
        var top = new NodeRisk { Path = "/", Stress = { new StressPnl { Group = "crises", Scenario = "2008-10", Pnl = -5e8, Classes = { new ClassPnl { Name = "spot", Pnl = -6e8 }, new ClassPnl { Name = "interaction", Pnl = 1e8 } } } } };
        var child = new NodeRisk { Path = "/EQD", Stress = { new StressPnl { Group = "crises", Scenario = "2008-10", Pnl = -4e8 } } };
        var text = Rendered.Text(Assert.Single(StressTables.Create([top, child], "USD", 200)));
        Assert.Equal(["2008-10", "-500.00", "-600.00", "100.00", "-400.00"], Rendered.Words(Rendered.Line(text, "2008-10")));
    }

    [Fact]
    public void Columns_without_room_are_named_as_far_as_that_helps()
    {
        var node = new NodeRisk { Path = "/", Stress = { new StressPnl { Group = "ladder-1", Scenario = "ladder-1: spot -10%", Pnl = -5 } } };
        var children = Enumerable.Range(10, 40).Select(i => new NodeRisk { Path = $"/BOOK-{i}", Stress = { new StressPnl { Pnl = 100 - i } } });
        var text = Rendered.Text(Assert.Single(StressTables.Create([node, .. children], "USD", 60)), 60).ReplaceLineEndings(" ");
        Assert.Contains("no room for /BOOK-", text, StringComparison.Ordinal);
        Assert.Matches("and +3[0-9] +more", text);
        Assert.Contains(" spot -10% ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_explain_shows_its_lines_and_their_shares()
    {
        var node = new NodeRisk { Path = "/", Explain = { new ExplainLine { Name = "delta", Pnl = 1_500, PercentOfGross = 75 }, new ExplainLine { Name = "total", Pnl = 1_000 } } };
        var text = Rendered.Text(ExplainTable.Create([node], "USD", 200));
        Assert.Equal(["delta", "1,500", "75.00 %"], Rendered.Words(Rendered.Line(text, "delta")));
        Assert.Equal(["total", "1,000"], Rendered.Words(Rendered.Line(text, "total")));
    }

    [Fact]
    public void A_backtest_shows_exceptions_zones_and_every_statistic()
    {
        var node = new NodeRisk
        {
            Path = "/",
            Backtests =
            {
                new BacktestMeasure
                {
                    Confidence = "0.95",
                    Observations = 1_043,
                    Exceptions = 57,
                    ExpectedExceptions = 52.15,
                    TrafficLight = "green",
                    TrafficLightProbability = 0.7786,
                    ShortfallZone = "amber",
                    Statistics = { new TestStatistic { Name = "kupiec_pof", Statistic = 0.46147, PValue = 0.49694 }, new TestStatistic { Name = "acerbi_szekely_z2", Statistic = -0.02 }, new TestStatistic { Name = "tiny", Statistic = 39, PValue = 1e-9 }, new TestStatistic { Name = "nothing" } },
                    ExceptionDays = { "2020-03-09", "2020-03-12" },
                },
            },
            Attribution = new PnlAttribution { Observations = 1_043, Spearman = 0.991, KolmogorovSmirnov = 0.02, Zone = "green" },
        };
        var tables = BacktestTables.Create([node], 200).Select(t => Rendered.Text(t)).ToList();
        Assert.Equal(["/", "95 %", "1,043", "57", "52.15", "green", "0.77860", "amber"], Rendered.Words(Rendered.Line(tables[0], "/")));
        Assert.Equal(["95 %", "kupiec pof", "0.46147", "0.49694"], Rendered.Words(Rendered.Line(tables[1], "95")));
        Assert.Equal(["acerbi szekely z2", "-0.02000", "-"], Rendered.Words(Rendered.Line(tables[1], "acerbi")));
        Assert.Equal(["tiny", "39.00000", "< 0.00001"], Rendered.Words(Rendered.Line(tables[1], "tiny")));
        Assert.Equal(["nothing", "undefined", "-"], Rendered.Words(Rendered.Line(tables[1], "nothing")));
        var remarks = BacktestTables.Remarks(node).ToList();
        Assert.Equal("95 % exceptions: 2020-03-12, 2020-03-09.", remarks[0]);
        Assert.Contains("Spearman 0.9910", remarks[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_rerun_says_equal_to_the_bit_or_what_differs()
    {
        var run = new Run { RunId = "again", RerunOf = "first", ResultHash = "aa" };
        Assert.Equal("again is equal to first to the bit: 1,234 numbers, result aa.", Assert.Single(RerunText.Report(run, new RerunReport { Identical = true, Numbers = 1_234 })));
        var report = new RerunReport { Numbers = 10, Different = 2, Differences = { new RunDifference { Address = "kernel_version", Before = "1", After = "2" }, new RunDifference { Address = "/ value_at_risk[1d 0.99]", Before = "5", After = "" } } };
        Assert.Equal(
            ["again is NOT equal to first: 2 of 10 numbers differ.", "  kernel_version: 1 then, 2 now", "  / value_at_risk[1d 0.99]: 5 then, nothing now"],
            RerunText.Report(run, report));
    }

    [Fact]
    public void A_list_tells_runs_apart()
    {
        var text = Rendered.Text(RunList.Create([SampleRuns.HistoricalVar(), SampleRuns.Failed()], 200));
        Assert.Equal(["var-1", "finished", "historical VaR", "/", "2026-01-30 21:16:00", "3.50", "ffee00"], Rendered.Words(Rendered.Line(text, "var-1")));
        Assert.Contains("the covariance is singular", Rendered.Line(text, "var-2"), StringComparison.Ordinal);
        Assert.Contains("no runs", Rendered.Text(RunList.Create([], 200)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(36_385e6, 1e6, "36,385", "USD millions")]
    [InlineData(12.5e6, 1e6, "12.50", "USD millions")]
    [InlineData(9_999_000, 5_000, "9,999", "USD thousands")]
    [InlineData(512.345, 0.5, "512.35", "USD")]
    [InlineData(1.5e300, 0.5, "1.5E+294", "USD millions")]
    public void Amounts_are_in_the_unit_in_which_the_largest_is_best_read(double largest, double other, string text, string caption)
    {
        var amounts = Amounts.For([other, -largest]);
        Assert.Equal((text, caption), (amounts.Text(largest), amounts.Caption("USD")));
        Assert.Equal("-", amounts.Text(null));
        Assert.Equal("0.00", amounts.Text(-1e-9));
    }

    [Fact]
    public void Progress_goes_from_nothing_to_all_of_it()
    {
        Assert.Equal(0, RunBar.Share(null));
        Assert.Equal(0, RunBar.Share(new RunProgress()));
        Assert.Equal(0.25, RunBar.Share(new RunProgress { ItemsDone = 1, ItemsTotal = 4 }));
        Assert.Equal(0.5, RunBar.Share(new RunProgress { ItemsDone = 1, ItemsTotal = 4, RevaluationsDone = 50, RevaluationsTotal = 100 }));
        Assert.Equal("r: freezing", RunBar.Describe(new Run { RunId = "r", Progress = new RunProgress { Stage = "freezing" } }));
        Assert.Equal("r: 2.5 million revaluations a second", RunBar.Describe(new Run { RunId = "r", Progress = new RunProgress { Stage = "computing", ElapsedSeconds = 2, RevaluationsDone = 5_000_000 } }));
    }
}

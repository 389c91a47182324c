using System.Security.Cryptography;
using System.Text;
using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Risk.Tests;

public sealed class HistoricalScenarioTests
{
    private static readonly FactorName A = FactorName.Parse("EQ.A");
    private static readonly FactorName Rate = FactorName.Parse("ZC.USD.1Y");

    [Fact]
    public void Prices_move_by_log_returns_and_zero_rates_by_absolute_changes()
    {
        var set = ScenarioSet.Historical(Panels.Of("date,EQ.A,ZC.USD.1Y", "2020-01-02,100,0.02", "2020-01-03,110,0.025", "2020-01-06,99,-0.01"), [A, Rate]);
        Assert.Equal([new LocalDate(2020, 1, 3), new LocalDate(2020, 1, 6)], set.Dates.AsEnumerable());
        Assert.Equal(Math.Log(1.1), set.Moves(A)[0], 15);
        Assert.Equal(Math.Log(0.9), set.Moves(A)[1], 15);
        Assert.Equal([0.025 - 0.02, -0.01 - 0.025], set.Moves(Rate).ToArray());
        Assert.Equal([A, Rate], set.Drivers.AsEnumerable());
        Assert.True(set.Covers(A));
        Assert.False(set.Covers(FactorName.Parse("EQ.B")));
    }

    [Fact]
    public void A_day_without_a_valid_move_of_every_driver_is_dropped_and_named()
    {
        var panel = Panels.Of("date,EQ.A,EQ.B", "2020-01-02,1,1", "2020-01-03,,1", "2020-01-06,1,1", "2020-01-07,-2,1", "2020-01-08,1,0", "2020-01-09,1,1", "2020-01-10,2,2");
        var set = ScenarioSet.Historical(panel, [A, FactorName.Parse("EQ.B")]);
        Assert.Equal([new LocalDate(2020, 1, 10)], set.Dates.AsEnumerable());
        Assert.Equal(
            [
                "2020-01-03: EQ.A is blank on 2020-01-03",
                "2020-01-06: EQ.A is blank on 2020-01-03",
                "2020-01-07: EQ.A is -2 on 2020-01-07, which has no log return",
                "2020-01-08: EQ.A is -2 on 2020-01-07, which has no log return",
                "2020-01-09: EQ.B is 0 on 2020-01-08, which has no log return",
            ],
            set.Dropped.Select(d => $"{d.Date:uuuu-MM-dd}: {d.Reason}"));
    }

    [Fact]
    public void A_factor_nobody_depends_on_drops_no_day()
    {
        var panel = Panels.Of("date,EQ.A,EQ.B", "2020-01-02,1,", "2020-01-03,2,");
        Assert.Empty(ScenarioSet.Historical(panel, [A]).Dropped);
    }

    [Fact]
    public void The_shipped_history_has_136_moves_over_more_than_one_session()
    {
        var set = ScenarioSet.Historical(Panels.Real, [FactorName.Parse("IDX.SP500")]);
        Assert.Equal((4452, 0), (set.Count, set.Dropped.Length));
        Assert.Equal(136, set.MultiSession);
    }

    [Fact]
    public void Negative_oil_has_no_log_return_and_both_moves_around_it_are_named()
    {
        var set = ScenarioSet.Historical(Panels.Real, [FactorName.Parse("CMD.WTI")]);
        Assert.Equal([new LocalDate(2020, 4, 20), new LocalDate(2020, 4, 21)], set.Dropped.Select(d => d.Date));
        Assert.All(set.Dropped, d => Assert.Contains("CMD.WTI is -36.98 on 2020-04-20", d.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void The_hash_is_of_the_canonical_spec_and_the_panel()
    {
        var panel = Panels.Of("date,EQ.A,ZC.USD.1Y", "2020-01-02,100,0.02", "2020-01-03,110,0.025");
        var set = ScenarioSet.Historical(panel, [Rate, A, A]);
        var spec = "{\"generator\":\"historical\",\"panel\":\"" + panel.Hash
            + "\",\"shifts\":[{\"factor\":\"EQ.A\",\"kind\":\"log_return\"},{\"factor\":\"ZC.USD.1Y\",\"kind\":\"absolute\"}],\"version\":1}";
        Assert.Equal(spec, set.Spec);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec))), set.Hash);
        Assert.Equal(set.Hash, ScenarioSet.Historical(panel, [A, Rate]).Hash);
        Assert.NotEqual(set.Hash, ScenarioSet.Historical(panel, [A]).Hash);
        Assert.NotEqual(
            set.Hash, ScenarioSet.Historical(Panels.Of("date,EQ.A,ZC.USD.1Y", "2020-01-02,100,0.02", "2020-01-03,111,0.025"), [A, Rate]).Hash);
    }

    [Fact]
    public void What_makes_no_scenario_is_refused()
    {
        var panel = Panels.Of("date,EQ.A,VOL.A.2020-02-21.1C", "2020-01-02,1,1");
        void Refused(string field, params FactorName[] drivers) =>
            Assert.Equal(field, Assert.Throws<ValidationException>(() => ScenarioSet.Historical(panel, drivers)).Field);
        Refused("drivers");
        Refused("drivers", A);
        Refused("factor", FactorName.Parse("EQ.B"));
        Refused("factor", FactorName.Parse("VOL.A.2020-02-21.1C"));
        var set = ScenarioSet.Historical(Panels.Of("date,EQ.A", "2020-01-02,1", "2020-01-03,2"), [A]);
        Assert.Equal("factor", Assert.Throws<ValidationException>(() => set.Moves(Rate).Length).Field);
    }
}

using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Risk.Tests;

public sealed class HistoricalOptionsTests
{
    private static readonly FactorName A = FactorName.Parse("EQ.A");
    private static readonly FactorName Rate = FactorName.Parse("ZC.USD.1Y");

    private static readonly HistoryPanel Panel = Panels.Of(
        "date,EQ.A,ZC.USD.1Y", "2020-01-02,100,0.020", "2020-01-03,101,0.021", "2020-01-06,99,0.019", "2020-01-07,102,0.020", "2020-01-08,103,0.024", "2020-01-09,100,0.023");

    [Fact]
    public void A_window_holds_the_moves_that_end_in_it()
    {
        var set = ScenarioSet.Historical(Panel, [A], new HistoricalOptions { From = new LocalDate(2020, 1, 4), To = new LocalDate(2020, 1, 8) });
        Assert.Equal(["2020-01-06", "2020-01-07", "2020-01-08"], Enumerable.Range(0, set.Count).Select(set.Label));
        Assert.Equal(ScenarioSet.Historical(Panel, [A]).Moves(A)[1..4].ToArray(), set.Moves(A).ToArray());
    }

    [Fact]
    public void A_move_of_several_days_is_the_move_from_first_to_last_level_and_windows_overlap()
    {
        var set = ScenarioSet.Historical(Panel, [A, Rate], new HistoricalOptions { HorizonDays = 3 });
        Assert.Equal(["2020-01-07", "2020-01-08", "2020-01-09"], Enumerable.Range(0, set.Count).Select(set.Label));
        double[] expected = [Math.Log(102 / 100.0), Math.Log(103 / 101.0), Math.Log(100 / 99.0)];
        var daily = ScenarioSet.Historical(Panel, [A, Rate]);
        for (var s = 0; s < 3; s++)
        {
            Assert.Equal(expected[s], set.Moves(A)[s], 15);
            Assert.Equal(daily.Moves(A)[s] + daily.Moves(A)[s + 1] + daily.Moves(A)[s + 2], set.Moves(A)[s], 14);
            Assert.Equal(daily.Moves(Rate)[s] + daily.Moves(Rate)[s + 1] + daily.Moves(Rate)[s + 2], set.Moves(Rate)[s], 14);
        }
    }

    [Fact]
    public void A_window_of_several_days_with_an_invalid_day_inside_is_dropped_and_named()
    {
        var panel = Panels.Of("date,EQ.A", "2020-01-02,1", "2020-01-03,2", "2020-01-06,", "2020-01-07,3", "2020-01-08,4", "2020-01-09,5");
        var set = ScenarioSet.Historical(panel, [A], new HistoricalOptions { HorizonDays = 2 });
        Assert.Equal(["2020-01-09"], Enumerable.Range(0, set.Count).Select(set.Label));
        Assert.Equal(
            ["2020-01-06: EQ.A is blank on 2020-01-06", "2020-01-07: EQ.A is blank on 2020-01-06", "2020-01-08: EQ.A is blank on 2020-01-06"],
            set.Dropped.Select(d => $"{d.Date:uuuu-MM-dd}: {d.Reason}"));
    }

    [Fact]
    public void Exponential_weights_fall_by_lambda_with_age_and_add_up_to_one()
    {
        var set = ScenarioSet.Historical(Panels.Real, [FactorName.Parse("IDX.SP500")], new HistoricalOptions { Decay = 0.97, From = new LocalDate(2019, 1, 1) });
        var weights = set.Weights;
        Assert.Equal(set.Count, weights.Length);
        var total = 0.0;
        foreach (var weight in weights)
            total += weight;
        Assert.Equal(1, total, 14);
        for (var s = 1; s < weights.Length; s++)
            Assert.Equal(0.97, weights[s - 1] / weights[s], 12);

        // Boudoukh, Richardson and Whitelaw (1998): the newest of n weighs (1 − λ)/(1 − λⁿ).
        Assert.Equal((1 - 0.97) / (1 - Math.Pow(0.97, set.Count)), weights[^1], 12);
        Assert.True(ScenarioSet.Historical(Panel, [A]).Weights.IsEmpty);
    }

    [Fact]
    public void The_volatility_filter_scales_each_move_by_what_was_known_before_it()
    {
        var set = ScenarioSet.Historical(Panel, [A], new HistoricalOptions { Filter = new VolatilityFilter(0.9, WarmUp: 2) });
        double r1 = Math.Log(101 / 100.0), r2 = Math.Log(99 / 101.0), r3 = Math.Log(102 / 99.0), r4 = Math.Log(103 / 102.0), r5 = Math.Log(100 / 103.0);
        var v3 = ((r1 * r1) + (r2 * r2)) / 2;
        var v4 = (0.9 * v3) + (0.1 * r3 * r3);
        var v5 = (0.9 * v4) + (0.1 * r4 * r4);
        var now = (0.9 * v5) + (0.1 * r5 * r5);
        double[] expected = [r3 * Math.Sqrt(now / v3), r4 * Math.Sqrt(now / v4), r5 * Math.Sqrt(now / v5)];
        Assert.Equal(["2020-01-07", "2020-01-08", "2020-01-09"], Enumerable.Range(0, set.Count).Select(set.Label));
        for (var s = 0; s < 3; s++)
            Assert.Equal(expected[s], set.Moves(A)[s], 15);

        // Over two days the scaled days are added.
        var two = ScenarioSet.Historical(Panel, [A], new HistoricalOptions { Filter = new VolatilityFilter(0.9, WarmUp: 2), HorizonDays = 2 });
        Assert.Equal([expected[0] + expected[1], expected[1] + expected[2]], two.Moves(A).ToArray().Select(m => m), Within(1e-15));

        // Nothing after the window is looked at.
        var cut = ScenarioSet.Historical(Panel, [A], new HistoricalOptions { Filter = new VolatilityFilter(0.9, WarmUp: 2), To = new LocalDate(2020, 1, 8) });
        Assert.Equal([r3 * Math.Sqrt(v5 / v3), r4 * Math.Sqrt(v5 / v4)], cut.Moves(A).ToArray(), Within(1e-15));
    }

    [Fact]
    public void Filtered_moves_have_the_volatility_of_today()
    {
        var index = FactorName.Parse("IDX.SP500");
        var filter = new VolatilityFilter(0.94, 250);
        var set = ScenarioSet.Historical(Panels.Real, [index], new HistoricalOptions { Filter = filter });
        var last = Math.Sqrt(Ewma(ScenarioSet.Historical(Panels.Real, [index]).Moves(index), filter));
        var mean = 0.0;
        foreach (var move in set.Moves(index))
            mean += move * move / set.Count;
        Assert.InRange(Math.Sqrt(mean) / last, 0.95, 1.15);
        Assert.Equal(4452 - 250, set.Count);
    }

    [Fact]
    public void A_factor_that_never_moved_cannot_be_scaled_when_it_does()
    {
        var panel = Panels.Of("date,EQ.A", "2020-01-02,1", "2020-01-03,1", "2020-01-06,1", "2020-01-07,1", "2020-01-08,2", "2020-01-09,3");
        var set = ScenarioSet.Historical(panel, [A], new HistoricalOptions { Filter = new VolatilityFilter(0.9, WarmUp: 2) });
        Assert.Equal(["2020-01-07", "2020-01-09"], Enumerable.Range(0, set.Count).Select(set.Label));
        Assert.Equal(0, set.Moves(A)[0]);
        Assert.Equal(
            ["2020-01-08: EQ.A never moved before 2020-01-08: there is no volatility to scale by"], set.Dropped.Select(d => $"{d.Date:uuuu-MM-dd}: {d.Reason}"));
    }

    [Fact]
    public void Options_change_the_hash_and_none_leave_it()
    {
        var plain = ScenarioSet.Historical(Panel, [A]);
        Assert.Equal(plain.Hash, ScenarioSet.Historical(Panel, [A], new HistoricalOptions()).Hash);
        HistoricalOptions[] others =
        [
            new() { HorizonDays = 2 }, new() { Decay = 0.9 }, new() { From = new LocalDate(2020, 1, 3) }, new() { To = new LocalDate(2020, 1, 9) },
            new() { Filter = new VolatilityFilter(0.9, 2) }, new() { Filter = new VolatilityFilter(0.9, 3) },
        ];
        Assert.Equal(others.Length + 1, others.Select(o => ScenarioSet.Historical(Panel, [A], o).Hash).Append(plain.Hash).Distinct().Count());
        Assert.Equal(
            "{\"decay\":0.9,\"filter\":{\"lambda\":0.94,\"warm_up\":2},\"from\":\"2020-01-03\",\"generator\":\"historical\",\"horizon_days\":2,\"panel\":\"" + Panel.Hash
            + "\",\"shifts\":[{\"factor\":\"EQ.A\",\"kind\":\"log_return\"}],\"to\":\"2020-01-09\",\"version\":2}",
            ScenarioSet.Historical(
                Panel,
                [A],
                new HistoricalOptions
                {
                    Decay = 0.9, Filter = new VolatilityFilter(0.94, 2), From = new LocalDate(2020, 1, 3), HorizonDays = 2, To = new LocalDate(2020, 1, 9),
                }).Spec);
    }

    [Fact]
    public void What_makes_no_sense_is_refused_by_field()
    {
        void Refused(string field, HistoricalOptions options) =>
            Assert.Equal(field, Assert.Throws<ValidationException>(() => ScenarioSet.Historical(Panel, [A], options)).Field);
        Refused("horizon_days", new() { HorizonDays = 0 });
        Refused("horizon_days", new() { HorizonDays = 261 });
        Refused("drivers", new() { HorizonDays = 6 });
        Refused("decay", new() { Decay = 1 });
        Refused("decay", new() { Decay = double.NaN });
        Refused("filter.lambda", new() { Filter = new VolatilityFilter(0, 2) });
        Refused("filter.warm_up", new() { Filter = new VolatilityFilter(0.9, 0) });
        Refused("filter.warm_up", new() { Filter = new VolatilityFilter(0.9, 5) });
        Refused("from", new() { From = new LocalDate(2020, 1, 8), To = new LocalDate(2020, 1, 7) });
        Refused("from", new() { From = new LocalDate(2021, 1, 8) });
        Refused("from", new() { To = new LocalDate(2019, 1, 8) });
    }

    private static double Ewma(ReadOnlySpan<double> moves, VolatilityFilter filter)
    {
        var variance = 0.0;
        for (var i = 0; i < filter.WarmUp; i++)
            variance += moves[i] * moves[i] / filter.WarmUp;
        foreach (var move in moves[filter.WarmUp..])
            variance = (filter.Lambda * variance) + ((1 - filter.Lambda) * move * move);
        return variance;
    }

    private static EqualityComparer<double> Within(double tolerance) =>
        EqualityComparer<double>.Create((a, b) => Math.Abs(a - b) <= tolerance, _ => 0);
}

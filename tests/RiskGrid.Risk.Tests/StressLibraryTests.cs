using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Risk.Tests;

public sealed class StressLibraryTests
{
    private static readonly FactorName Index = FactorName.Parse("IDX.SP500");

    [Fact]
    public void Every_crisis_can_be_cut_from_the_shipped_history_with_all_its_factors()
    {
        var set = ScenarioSet.Replays(Panels.Real, Panels.Real.Factors, StressLibrary.Crises);
        Assert.Equal(StressLibrary.Crises.Length, set.Count);
        Assert.Equal(71, set.Drivers.Length);
        foreach (var crisis in StressLibrary.Crises)
        {
            Assert.True(Panels.Real.Dates.Contains(crisis.From) && Panels.Real.Dates.Contains(crisis.To), $"{crisis.Name}: a day is not in the panel");
            Assert.Equal([crisis], StressLibrary.Find(crisis.Name).AsEnumerable());
        }

        Assert.Equal(StressLibrary.Crises.AsEnumerable(), StressLibrary.Within(Panels.Real));
        Assert.Equal(StressLibrary.Crises.Order(Comparer<HistoricalWindow>.Create((a, b) => string.CompareOrdinal(a.Name[..4], b.Name[..4]))), StressLibrary.Crises);
        foreach (var month in new[] { "2008-09", "2008-10", "2010-05", "2011-08", "2015-08", "2018-02", "2020-03" })
            Assert.Contains(StressLibrary.Crises, c => c.Name == month);
    }

    // Closes of the S&P 500 as published: 1251.70 on 2008-09-12, 1192.70 on 2008-09-15; 3386.15 on 2020-02-19, 2237.40 on 2020-03-23.
    [Theory]
    [InlineData("2008-09-lehman", 1251.70, 1192.70)]
    [InlineData("2020-03-peak-to-trough", 3386.15, 2237.40)]
    [InlineData("2018-02-volmageddon", 2762.13, 2648.94)]
    public void A_crisis_moves_the_index_from_close_to_close(string name, double from, double to)
    {
        var set = ScenarioSet.Replays(Panels.Real, [Index], StressLibrary.Find(name));
        Assert.Equal(name, set.Label(0));
        Assert.Equal(Math.Log(to / from), set.Block(0, 1).Moves(0)[0], 1e-5);
    }

    [Fact]
    public void A_crisis_outside_the_history_or_without_a_level_is_refused_by_name()
    {
        var panel = Panels.Of("date,EQ.A,EQ.B", "2020-01-02,1,1", "2020-01-03,2,1", "2020-01-07,3,", "2020-01-08,4,1");
        var names = BlockBits.Names("EQ.A", "EQ.B");
        void Refused(string message, params HistoricalWindow[] windows) => Assert.Contains(
            message, Assert.Throws<ValidationException>(() => ScenarioSet.Replays(panel, names, windows)).Message, StringComparison.Ordinal);
        Refused("'2008-09-lehman' runs from 2008-09-12 to 2008-09-15; test.csv runs from 2020-01-02 to 2020-01-08 only", [.. StressLibrary.Find("2008-09-lehman")]);
        Refused("'x' can't be replayed: EQ.B is blank on 2020-01-07", Window(2, 7));
        Refused("'x' spans no day", Window(3, 6));
        Refused("nothing to replay");
        Refused("two stretches are called 'x'", Window(2, 3), Window(2, 8));
        Assert.Equal("crisis", Assert.Throws<ValidationException>(() => StressLibrary.Find("1987")).Field);
        Assert.Equal(StressLibrary.Crises.Where(c => c.From.Year == 2008), StressLibrary.Find("2008"));
        Assert.Equal(["2008-09"], StressLibrary.Find("2008-09").Select(c => c.Name));
        Assert.Empty(StressLibrary.Within(panel));

        // A close that the panel lacks is the last one before it.
        Assert.Equal(Math.Log(2), ScenarioSet.Replays(panel, names, [Window(2, 6)]).Block(0, 1).Moves(0)[0], 15);
    }

    private static HistoricalWindow Window(int from, int to) => new("x", new LocalDate(2020, 1, from), new LocalDate(2020, 1, to), "");
}

using NodaTime;

namespace RiskGrid.Risk.Tests;

public sealed class NyseCalendarTests
{
    // Sessions a year as the exchange counted them.
    [Theory]
    [InlineData(2004, 252)]
    [InlineData(2005, 252)]
    [InlineData(2006, 251)]
    [InlineData(2007, 251)]
    [InlineData(2008, 253)]
    [InlineData(2009, 252)]
    [InlineData(2010, 252)]
    [InlineData(2011, 252)]
    [InlineData(2012, 250)]
    [InlineData(2013, 252)]
    [InlineData(2014, 252)]
    [InlineData(2015, 252)]
    [InlineData(2016, 252)]
    [InlineData(2017, 251)]
    [InlineData(2018, 251)]
    [InlineData(2019, 252)]
    [InlineData(2020, 253)]
    [InlineData(2021, 252)]
    [InlineData(2022, 251)]
    public void A_year_has_the_sessions_that_the_exchange_held(int year, int sessions) =>
        Assert.Equal(sessions, NyseCalendar.SessionsBetween(new LocalDate(year - 1, 12, 31), new LocalDate(year, 12, 31)));

    [Theory]
    [InlineData(2004, 6, 11)]
    [InlineData(2007, 1, 2)]
    [InlineData(2012, 10, 29)]
    [InlineData(2018, 12, 5)]
    [InlineData(2022, 6, 20)] // Juneteenth on a Sunday
    [InlineData(2021, 7, 5)] // Independence day on a Sunday
    [InlineData(2020, 7, 3)] // Independence day on a Saturday
    [InlineData(2008, 3, 21)] // Good Friday
    [InlineData(2019, 4, 19)] // Good Friday
    [InlineData(2022, 1, 17)]
    public void The_exchange_was_shut(int year, int month, int day) => Assert.False(NyseCalendar.IsSession(new LocalDate(year, month, day)));

    [Theory]
    [InlineData(2021, 12, 31)] // new year's day on a Saturday is not moved
    [InlineData(2021, 6, 18)] // Juneteenth came a year later
    [InlineData(2012, 10, 31)]
    public void The_exchange_was_open(int year, int month, int day) => Assert.True(NyseCalendar.IsSession(new LocalDate(year, month, day)));

    [Fact]
    public void A_move_over_a_weekend_spans_one_session() =>
        Assert.Equal(1, NyseCalendar.SessionsBetween(new LocalDate(2022, 12, 9), new LocalDate(2022, 12, 12)));
}

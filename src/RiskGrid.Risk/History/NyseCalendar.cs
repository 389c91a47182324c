using NodaTime;

namespace RiskGrid.Risk;

/// <summary>The sessions of the New York Stock Exchange, to count how many of them a historical move spans.</summary>
/// <remarks>Holidays by NYSE Rule 7.2 as it stood in each year, and the days on which the exchange stayed shut besides. Exact for 2002
/// to 2024; outside these years special closings are not listed. Early closes are sessions. Thread-safe.</remarks>
public static class NyseCalendar
{
    private static readonly HashSet<LocalDate> SpecialClosings =
    [
        new(2004, 6, 11), // funeral of President Reagan
        new(2007, 1, 2), // funeral of President Ford
        new(2012, 10, 29), // hurricane Sandy
        new(2012, 10, 30), // hurricane Sandy
        new(2018, 12, 5), // funeral of President G. H. W. Bush
    ];

    /// <summary>True when the exchange held a session on the day.</summary>
    public static bool IsSession(LocalDate day) =>
        day.DayOfWeek is not (IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday) && !IsHoliday(day) && !SpecialClosings.Contains(day);

    /// <summary>How many sessions lie after <paramref name="from"/>, up to and including <paramref name="to"/>.</summary>
    public static int SessionsBetween(LocalDate from, LocalDate to)
    {
        var sessions = 0;
        for (var day = from.PlusDays(1); day <= to; day = day.PlusDays(1))
            sessions += IsSession(day) ? 1 : 0;
        return sessions;
    }

    private static bool IsHoliday(LocalDate day)
    {
        var year = day.Year;
        return day == NewYear(year)
            || day == Nth(year, 1, 3, IsoDayOfWeek.Monday) // Martin Luther King Jr.
            || day == Nth(year, 2, 3, IsoDayOfWeek.Monday) // Washington's birthday
            || day == Easter(year).PlusDays(-2) // Good Friday
            || day == LastMonday(year, 5) // Memorial day
            || (year >= 2022 && day == Observed(new LocalDate(year, 6, 19))) // Juneteenth, since 2022
            || day == Observed(new LocalDate(year, 7, 4)) // Independence day
            || day == Nth(year, 9, 1, IsoDayOfWeek.Monday) // Labor day
            || day == Nth(year, 11, 4, IsoDayOfWeek.Thursday) // Thanksgiving
            || day == Observed(new LocalDate(year, 12, 25)); // Christmas
    }

    // A new year's day on a Saturday is not moved into the old year.
    private static LocalDate NewYear(int year)
    {
        var day = new LocalDate(year, 1, 1);
        return day.DayOfWeek == IsoDayOfWeek.Sunday ? day.PlusDays(1) : day;
    }

    private static LocalDate Observed(LocalDate day) => day.DayOfWeek switch
    {
        IsoDayOfWeek.Saturday => day.PlusDays(-1),
        IsoDayOfWeek.Sunday => day.PlusDays(1),
        _ => day,
    };

    private static LocalDate Nth(int year, int month, int n, IsoDayOfWeek weekday)
    {
        var first = new LocalDate(year, month, 1);
        var offset = ((int)weekday - (int)first.DayOfWeek + 7) % 7;
        return first.PlusDays(offset + (7 * (n - 1)));
    }

    private static LocalDate LastMonday(int year, int month)
    {
        var last = new LocalDate(year, month, 1).PlusMonths(1).PlusDays(-1);
        return last.PlusDays(-(((int)last.DayOfWeek - (int)IsoDayOfWeek.Monday + 7) % 7));
    }

    // Easter Sunday of the Gregorian calendar: J. Meeus, Astronomical Algorithms (1991), chapter 8.
    private static LocalDate Easter(int year)
    {
        var a = year % 19;
        var b = year / 100;
        var c = year % 100;
        var h = ((19 * a) + b - (b / 4) - ((b - ((b + 8) / 25) + 1) / 3) + 15) % 30;
        var l = (32 + (2 * (b % 4)) + (2 * (c / 4)) - h - (c % 4)) % 7;
        var m = (a + (11 * h) + (22 * l)) / 451;
        var days = h + l - (7 * m) + 114;
        return new LocalDate(year, days / 31, (days % 31) + 1);
    }
}

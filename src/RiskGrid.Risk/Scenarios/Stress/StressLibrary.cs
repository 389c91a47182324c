using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Crises by name, to be cut from a history panel: the move from one close to another of every factor that the panel has.</summary>
/// <remarks>The days are chosen by the closes of the S&amp;P 500 on the days on which the New York exchange, the ECB's reference rates and US
/// Treasury yields all have a value.</remarks>
public static class StressLibrary
{
    /// <summary>The crises, in order of time.</summary>
    public static ImmutableArray<HistoricalWindow> Crises { get; } =
    [
        Of("2007-02-shanghai", 2007, 2, 26, 2007, 2, 27, "Shanghai's fall spreads: the VIX up by more than half in a day"),
        Of("2007-08-quant", 2007, 7, 19, 2007, 8, 15, "Subprime funds fail, quantitative equity funds unwind"),
        Of("2008-09-lehman", 2008, 9, 12, 2008, 9, 15, "Lehman Brothers files for bankruptcy, the day"),
        Of("2008-09-lehman-week", 2008, 9, 12, 2008, 9, 19, "The week of Lehman's failure, AIG's rescue and the ban on short sales"),
        Of("2008-09-tarp-vote", 2008, 9, 26, 2008, 9, 29, "The House rejects the rescue bill, the day"),
        Of("2008-09", 2008, 8, 29, 2008, 9, 30, "September 2008, the month"),
        Of("2008-10-worst-week", 2008, 10, 3, 2008, 10, 10, "The S&P 500's worst week of the crisis"),
        Of("2008-10-worst-day", 2008, 10, 14, 2008, 10, 15, "The S&P 500's worst day of the crisis"),
        Of("2008-10", 2008, 9, 30, 2008, 10, 31, "October 2008, the month"),
        Of("2008-autumn", 2008, 8, 29, 2008, 11, 20, "From the eve of Lehman's failure to the low of November 2008"),
        Of("2009-03-trough", 2009, 2, 9, 2009, 3, 9, "The last leg down to the low of March 2009"),
        Of("2010-05-flash-crash", 2010, 5, 5, 2010, 5, 6, "Flash crash, close to close"),
        Of("2010-05", 2010, 4, 30, 2010, 5, 20, "Greece, the flash crash and the selling after it"),
        Of("2011-08-downgrade", 2011, 8, 5, 2011, 8, 8, "First session after the United States lost its AAA rating"),
        Of("2011-08", 2011, 7, 22, 2011, 8, 8, "Debt ceiling, euro contagion and the downgrade"),
        Of("2011-11-euro", 2011, 10, 28, 2011, 11, 25, "Italian yields above 7 %, fears for the euro"),
        Of("2013-06-taper", 2013, 5, 21, 2013, 6, 24, "Taper tantrum: rates up and shares down together"),
        Of("2014-10-treasury", 2014, 10, 8, 2014, 10, 15, "Growth scare, ending in the Treasury flash rally"),
        Of("2015-01-franc", 2015, 1, 14, 2015, 1, 15, "The Swiss National Bank gives up its floor under EUR/CHF"),
        Of("2015-08-black-monday", 2015, 8, 21, 2015, 8, 24, "China's devaluation: the worst day"),
        Of("2015-08", 2015, 8, 17, 2015, 8, 25, "China's devaluation: the VIX from 13 to 36"),
        Of("2016-06-brexit", 2016, 6, 23, 2016, 6, 24, "The United Kingdom votes to leave, the day after"),
        Of("2016-06-brexit-two-days", 2016, 6, 23, 2016, 6, 27, "The United Kingdom votes to leave, two sessions"),
        Of("2018-02-volmageddon", 2018, 2, 2, 2018, 2, 5, "Short-volatility products fail: the VIX doubles in a day"),
        Of("2018-02", 2018, 2, 1, 2018, 2, 8, "The week around the failure of short-volatility products"),
        Of("2018-12", 2018, 12, 3, 2018, 12, 21, "December 2018: tightening into a slowdown"),
        Of("2020-02-first-week", 2020, 2, 20, 2020, 2, 28, "COVID-19 reaches Italy: the fastest correction from a high"),
        Of("2020-03-12", 2020, 3, 11, 2020, 3, 12, "COVID-19: travel ban"),
        Of("2020-03-worst-day", 2020, 3, 13, 2020, 3, 16, "COVID-19: the VIX at its record close"),
        Of("2020-03", 2020, 2, 28, 2020, 3, 31, "March 2020, the month"),
        Of("2020-03-peak-to-trough", 2020, 2, 19, 2020, 3, 23, "COVID-19, from the high to the low"),
        Of("2020-03-rebound", 2020, 3, 23, 2020, 3, 26, "The three best days since 1931: stress for short positions"),
        Of("2022-02-ukraine", 2022, 2, 23, 2022, 3, 8, "Russia invades Ukraine: energy prices up"),
        Of("2022-06", 2022, 6, 8, 2022, 6, 16, "Inflation surprise and a rise of 75 basis points"),
        Of("2022-first-half", 2021, 12, 31, 2022, 6, 16, "Bonds and shares fall together"),
        Of("2022-09-inflation", 2022, 9, 12, 2022, 9, 13, "Core inflation surprise, the day"),
        Of("2022-09-gilts", 2022, 9, 22, 2022, 9, 27, "The British budget: gilts and sterling fall"),
    ];

    /// <summary>The crises that lie within a panel's days.</summary>
    public static ImmutableArray<HistoricalWindow> Within(HistoryPanel panel) =>
        [.. Crises.Where(c => c.From >= panel.Dates[0] && c.To <= panel.Dates[^1])];

    /// <summary>A crisis by name, or all whose name begins with it: <c>2008</c>, <c>2020-03</c>.</summary>
    /// <exception cref="ValidationException">There is none.</exception>
    public static ImmutableArray<HistoricalWindow> Find(string name)
    {
        if (Crises.FirstOrDefault(c => c.Name == name) is { } exact)
            return [exact];
        var found = Crises.Where(c => c.Name.StartsWith(name, StringComparison.Ordinal)).ToImmutableArray();
        return name.Length > 0 && !found.IsEmpty
            ? found
            : throw new ValidationException("crisis", $"'{name}' is not one of {string.Join(", ", Crises.Select(c => c.Name))}");
    }

    private static HistoricalWindow Of(string name, int y1, int m1, int d1, int y2, int m2, int d2, string description) =>
        new(name, new LocalDate(y1, m1, d1), new LocalDate(y2, m2, d2), description);
}

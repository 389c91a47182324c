namespace RiskGrid.Acceptance.Processes;

/// <summary>A history panel of a few days, so that a server starts at once.</summary>
internal static class SmallHistory
{
    private const string Csv = """
        date,IDX.SP500,IDX.VIX,ZC.USD.1Y,ZC.USD.5Y
        2022-12-08,3963.51,22.29,0.0471,0.0371
        2022-12-09,3934.38,22.83,0.0472,0.0375
        2022-12-12,3990.56,25.00,0.0475,0.0380
        2022-12-13,4019.65,22.55,0.0464,0.0366
        2022-12-14,3995.32,21.14,0.0465,0.0362
        """;

    public static string WriteTo(TemporaryFolder folder) => folder.Write("history.csv", Csv);
}

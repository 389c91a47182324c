using Google.Protobuf.WellKnownTypes;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Tests.Runs;

/// <summary>Runs as a server would answer them, small enough to be read.</summary>
internal static class SampleRuns
{
    // No short decimal: a writer that cuts digits is caught.
    public const double Odd = 123_456_789.123_456_78;

    public static Run HistoricalVar() => new()
    {
        RunId = "var-1",
        State = RunState.Finished,
        Spec = new RunSpec { Path = "/", Var = new VarSpec { Decompose = true, Historical = new HistoricalMethod() } },
        Progress = new RunProgress { ItemsDone = 4, ItemsTotal = 4, ItemsResumed = 1, RevaluationsDone = 88_862_202, RevaluationsTotal = 88_862_202, ElapsedSeconds = 3.25, PricingSeconds = 5.5, Stage = "done" },
        ManifestJson = """{"books":{"A":12},"seed":18446744073709551615,"x":0.1}""",
        ManifestHash = "aabbccddeeff00112233",
        Inputs = new RunInputs
        {
            Scope = "/",
            HierarchyVersion = 3,
            BookSequences = { ["B"] = 7, ["A"] = 12 },
            SnapshotHash = "5511",
            AsOf = new MarketPoint { Market = "main", Epoch = 2, Sequence = 40_369, Valuation = Timestamp.FromDateTime(new DateTime(2026, 1, 30, 21, 15, 0, DateTimeKind.Utc)) },
            ReportingCurrency = "USD",
            Trades = 19_987,
        },
        Result = new RunResult
        {
            Legs = { new RunLeg { Name = "1d", Scenarios = 4_446, Dropped = 6, ScenarioSetHash = "77", VectorsKept = true } },
            Nodes =
            {
                Node("/", "desk", 5, Odd, 150e6, new RiskComponent { Name = "/EQD", ComponentEs = 100e6, ComponentVar = 90e6, IncrementalEs = 80e6 }, new RiskComponent { Name = "/RATES", ComponentEs = 50e6, ComponentVar = Odd - 90e6 }),
                Node("/EQD", "desk", 3, 90e6, 110e6),
                Node("/EQD/BOOK-A", "book", 3, 90e6, 110e6),
                Node("/RATES", "desk", 2, 40e6, 55e6),
            },
        },
        ResultHash = "ffee00",
        CreatedAt = Timestamp.FromDateTime(new DateTime(2026, 1, 30, 21, 16, 0, DateTimeKind.Utc)),
        FinishedAt = Timestamp.FromDateTime(new DateTime(2026, 1, 30, 21, 16, 3, 500, DateTimeKind.Utc)),
    };

    public static Run Failed(params (string Field, string Reason)[] fields) => new()
    {
        RunId = "var-2",
        State = RunState.Failed,
        Spec = new RunSpec { Path = "/", Var = new VarSpec { MonteCarlo = new MonteCarloMethod { Paths = 10 } } },
        Error = new RunError { Code = 9, Message = "the covariance is singular", Fields = { fields.Select(f => new FieldReason { Field = f.Field, Reason = f.Reason }) } },
    };

    private static NodeRisk Node(string path, string kind, uint trades, double valueAtRisk, double shortfall, params RiskComponent[] children) => new()
    {
        NodeId = path.Length > 1 ? path[(path.LastIndexOf('/') + 1)..] : "FIRM",
        Path = path,
        Kind = kind,
        BaseValue = 1e9,
        EffectiveScenarios = 4_446,
        Coverage = new RunCoverage { Trades = trades, Priced = trades - 1, Missing = 1, Failures = { new TradeFailure { TradeId = "T-9", Reason = "no VOL.SPX quote" } } },
        Measures =
        {
            new RiskMeasure
            {
                HorizonDays = 1,
                Confidence = "0.99",
                ValueAtRisk = valueAtRisk,
                ExpectedShortfall = shortfall,
                Interval = new Interval { Lower = valueAtRisk - 5e6, Upper = valueAtRisk + 6e6, Confidence = "0.95", Coverage = 0.951 },
                ShortfallStandardError = 2.5e6,
                Scenarios = { "2008-10-15" },
                Children = { children },
            },
        },
    };
}

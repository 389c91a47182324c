using System.Text.Json;
using RiskGrid.Acceptance.Face;

namespace RiskGrid.Acceptance.Runs;

/// <summary><c>riskgrid backtest</c> against a running server.</summary>
public sealed class BacktestRunTests(RunServer server) : IClassFixture<RunServer>
{
    private const int Days = 500;
    private const int Window = 250;

    [Fact]
    public async Task Exceptions_and_Kupiecs_statistic_are_those_of_the_vector_that_the_run_keeps()
    {
        var run = await server.DocumentAsync("backtest", "/", "--days", $"{Days}", "--window", $"{Window}", "--confidence", "0.95,0.99");
        var vector = await PnlVector.ReadAsync(server, run.RunId, "/");
        Assert.Equal(run.Root.GetProperty("legs")[0].GetProperty("scenarios").GetInt32(), vector.Pnl.Count);
        foreach (var test in run.Top.GetProperty("backtests").EnumerateArray())
        {
            var confidence = decimal.Parse(RunDocument.Text(test, "confidence"), System.Globalization.CultureInfo.InvariantCulture);
            var exceptions = new List<string>();
            for (var day = vector.Pnl.Count - Days; day < vector.Pnl.Count; day++)
            {
                var before = vector.Pnl.Skip(day - Window).Take(Window).Select(p => -p).Order().ToArray();
                if (-vector.Pnl[day] > before[(int)Math.Floor(confidence * Window)])
                    exceptions.Add(vector.Labels[day]);
            }

            Assert.Equal(Days, test.GetProperty("observations").GetInt32());
            Assert.Equal(exceptions.Count, test.GetProperty("exceptions").GetInt32());
            Assert.Equal(exceptions, test.GetProperty("exception_days").EnumerateArray().Select(d => d.GetString()));
            Assert.Equal(Kupiec(Days, exceptions.Count, 1 - (double)confidence), Statistic(test, "kupiec_pof"), 1e-9);
        }

        var table = (await server.RunAsync("runs", run.RunId)).MustEndWith(0).Output;
        foreach (var named in new[] { "exceptions", "zone", "kupiec pof", "p-value", "Spearman", "Kolmogorov-Smirnov" })
            Assert.Contains(named, table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_days_than_the_history_has_are_refused() =>
        CommandTests.AssertOneLineThatNames((await server.RunAsync("backtest", "--days", "100000")).MustEndWith(1), "days");

    private static double Statistic(JsonElement test, string name) =>
        test.GetProperty("statistics").EnumerateArray().Single(s => RunDocument.Text(s, "name") == name).GetProperty("statistic").GetDouble();

    // Kupiec, "Techniques for verifying the accuracy of risk measurement models", Journal of Derivatives 3 (1995), no. 2.
    private static double Kupiec(int days, int exceptions, double p)
    {
        var rate = (double)exceptions / days;
        return -2 * (Likelihood(p) - Likelihood(rate));

        double Likelihood(double q) => (exceptions == 0 ? 0 : exceptions * Math.Log(q)) + ((days - exceptions) * Math.Log(1 - q));
    }
}

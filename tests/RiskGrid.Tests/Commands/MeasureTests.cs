using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Tests.Commands;

/// <summary><c>riskgrid measure</c>: published numbers on people's own files, and refusals that say where a file is wrong.</summary>
public sealed class MeasureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Both_tails_of_every_column_are_measured()
    {
        var file = File("pnl.csv", "FIRM,\"Desk, EQ\"\n-3,1\n-10,1\n-1,1\n-7,1\n-5,1\n-2,1\n-9,1\n4,1\n8,1\n-6,1\n");
        var document = await JsonAsync("measure", "pnl", file, "--confidence", "0.7,0.99", "--json");
        Assert.Equal((10, 10.0, "floor"), (document.GetProperty("scenarios").GetInt32(), document.GetProperty("effective_scenarios").GetDouble(), document.GetProperty("quantile").GetString()));
        var nodes = document.GetProperty("nodes");
        Assert.Equal(["FIRM", "Desk, EQ"], nodes.EnumerateArray().Select(n => n.GetProperty("node").GetString()));

        // Losses −8, −4, 1, 2, 3, 5, 6, 7, 9, 10: L[7] = 7 with the tail 7, 9, 10; gains −10 … 8: the eighth smallest is −1, then 4 and 8.
        AssertTail(nodes[0].GetProperty("loss")[0], 0.7, 7, 26 / 3.0, beyond: false);
        AssertTail(nodes[0].GetProperty("loss")[1], 0.99, 10, 10, beyond: true);
        AssertTail(nodes[0].GetProperty("gain")[0], 0.7, -1, 11 / 3.0, beyond: false);
        AssertTail(nodes[1].GetProperty("loss")[0], 0.7, -1, -1, beyond: false);
        AssertTail(nodes[1].GetProperty("gain")[0], 0.7, 1, 1, beyond: false);

        var linear = await JsonAsync("measure", "pnl", file, "--confidence", "0.5", "--quantile", "linear", "--json");
        Assert.Equal(4, linear.GetProperty("nodes")[0].GetProperty("loss")[0].GetProperty("var").GetDouble());
        var table = (await RiskGridProgram.RunAsync("measure", "pnl", file, "--quantile", "harrell-davis")).MustEndWith(0).Output;
        Assert.Contains("Desk, EQ", table, StringComparison.Ordinal);
        Assert.Contains("99 % *", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_are_normalised_and_their_effective_number_is_told()
    {
        var file = File("pnl.csv", "A\n-4\n-3\n-2\n-1\n");
        var weights = File("weights.csv", "w\n10\n20\n30\n40\n");
        var document = await JsonAsync("measure", "pnl", file, "--confidence", "0.6", "--weights", weights, "--json");
        Assert.Equal(10_000 / 3_000.0, document.GetProperty("effective_scenarios").GetDouble(), 1e-12);
        AssertTail(document.GetProperty("nodes")[0].GetProperty("loss")[0], 0.6, 2, 16 / 6.0, beyond: false);
    }

    [Theory]
    [InlineData("A,B\n1,2\n3,x\n", "line 3, B: 'x' is not a number")]
    [InlineData("A,B\n1,2\n3\n", "line 3, row: it has 1 fields")]
    [InlineData("A,B\n1,\n", "line 2, B: it is empty")]
    [InlineData("A\n1\nNaN\n", "line 3, A: 'NaN' is not a finite number")]
    [InlineData("A\n1\n1e999\n", "line 3, A: '1e999' is not a finite number")]
    [InlineData("A,A\n1,2\n", "line 1, A: two columns have this name")]
    [InlineData("A,\n1,2\n", "line 1, column 2")]
    [InlineData("1,2\n3,4\n", "line 1, header: it holds numbers")]
    [InlineData("A\n\"1\n", "line 2, A: a quote is not closed")]
    [InlineData("A;B\n1;2\n", "line 1, header: semicolons separate the columns")]
    [InlineData("A\tB\n1\t2\n", "line 1, column 1: tabs separate the columns")]
    [InlineData("A\u001b[31m,B\n1,2\n", "line 1, column 1: the column's name holds a control character")]
    [InlineData("A\n", "no rows")]
    [InlineData("", "is empty")]
    public async Task A_bad_file_is_refused_with_line_field_and_reason(string text, string named)
    {
        var run = (await RiskGridProgram.RunAsync("measure", "pnl", File("pnl.csv", text), "--json")).MustEndWith(1);
        Assert.Empty(run.Output);
        Assert.StartsWith("riskgrid: ", run.Errors, StringComparison.Ordinal);
        Assert.Contains(named, run.Errors, StringComparison.Ordinal);
        Assert.Contains("pnl.csv", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("w\n1\n-2\n", "line 3, w: -2 is negative")]
    [InlineData("w\n0\n0\n", "all weights are zero")]
    [InlineData("w\n1\n", "1 weights for 2 scenarios")]
    [InlineData("a,b\n1,2\n3,4\n", "must name one")]
    public async Task Bad_weights_are_refused(string weights, string named)
    {
        var run = (await RiskGridProgram.RunAsync("measure", "pnl", File("pnl.csv", "A\n1\n2\n"), "--weights", File("w.csv", weights))).MustEndWith(1);
        Assert.Contains(named, run.Errors, StringComparison.Ordinal);
    }

    // P. Jorion, Value at Risk (3rd edition 2007), chapter 7.
    [Fact]
    public async Task Jorions_component_value_at_risk_comes_out_of_the_command()
    {
        var (deltas, gammas, covariance) = Files("CAD,2000000\nEUR,1000000\n", "CAD,CAD,0\n", "EUR,EUR,0.0144\nCAD,CAD,0.0025\n");
        var document = await JsonAsync("measure", "delta-gamma", "--deltas", deltas, "--gammas", gammas, "--covariance", covariance, "--z", "1.65", "--json");
        Assert.Equal(1, document.GetProperty("missing_covariances").GetInt32());
        var level = document.GetProperty("levels")[0];
        var components = level.GetProperty("components").EnumerateArray().Select(c => (c.GetProperty("factor").GetString(), Math.Round(c.GetProperty("component_var").GetDouble())));
        Assert.Equal([("CAD", 105_630), ("EUR", 152_108)], components);
        foreach (var method in new[] { "delta_normal", "delta_gamma_normal", "cornish_fisher", "exact" })
            Assert.Equal(257_738, level.GetProperty(method).GetProperty("var").GetDouble(), 0.5);

        var table = (await RiskGridProgram.RunAsync("measure", "delta-gamma", "--deltas", deltas, "--covariance", covariance, "--z", "1.65")).MustEndWith(0).Output;
        Assert.Contains("105,630", table, StringComparison.Ordinal);
        Assert.Contains("152,107.81", table, StringComparison.Ordinal);
        Assert.Contains("257,738", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_off_diagonal_stands_for_both_and_what_is_missing_is_told()
    {
        var (deltas, gammas, covariance) = Files("A,1\nB,2\nC,3\n", "B,A,0.5\nA,B,0.5\n", "A,A,1\nB,B,1\nB,A,0.5\nX,X,9\n");
        var document = await JsonAsync("measure", "delta-gamma", "--deltas", deltas, "--gammas", gammas, "--covariance", covariance, "--confidence", "0.99", "--json");
        Assert.Equal((2, 1), (document.GetProperty("missing_covariances").GetInt32(), document.GetProperty("unused_covariances").GetInt32()));
        Assert.Equal(["C"], document.GetProperty("missing_variances").EnumerateArray().Select(v => v.GetString()));

        // δ'Σδ = 1 + 4 + 2·2·½ = 7; ½tr(ΓΣ) = ½·2·½·½; ½tr((ΓΣ)²) with Γ = [[0,½],[½,0]]: ΓΣ = [[¼,½],[½,¼]], squared trace 0.625.
        Assert.Equal(0.25, document.GetProperty("pnl").GetProperty("mean").GetDouble(), 1e-15);
        Assert.Equal(7 + (0.5 * 0.625), document.GetProperty("pnl").GetProperty("variance").GetDouble(), 1e-14);
    }

    [Theory]
    [InlineData("A,1\nA,2\n", "A,A,0\n", "A,A,1\n", "deltas.csv, line 3, A: 2 contradicts the 1 of line 2")]
    [InlineData("A,1\n", "A,B,1\nB,A,2\n", "A,A,1\n", "gammas.csv, line 3, B,A: 2 contradicts the 1 of line 2")]
    [InlineData("A,1\nB,1\n", "A,A,0\n", "A,B,0.1\nB,A,0.2\n", "covariance.csv, line 3, B,A: 0.2 contradicts the 0.1 of line 2")]
    [InlineData("A,1\nB,1\n", "A,A,0\n", "A,A,1\nB,B,1\nA,B,1.5\n", "not positive semidefinite")]
    [InlineData("A,1\n", "A,A,0\n", "A,A,-1\n", "not positive semidefinite")]
    [InlineData("A,x\n", "A,A,0\n", "A,A,1\n", "deltas.csv, line 2, value: 'x' is not a number")]
    [InlineData("A\n", "A,A,0\n", "A,A,1\n", "deltas.csv, line 2, row: it has 1 fields")]
    public async Task Contradictions_are_refused(string deltas, string gammas, string covariance, string named)
    {
        var files = Files(deltas, gammas, covariance);
        var run = (await RiskGridProgram.RunAsync("measure", "delta-gamma", "--deltas", files.Deltas, "--gammas", files.Gammas, "--covariance", files.Covariance)).MustEndWith(1);
        Assert.Contains(named, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backtests_print_their_published_statistics()
    {
        var counts = await JsonAsync("measure", "backtest", "--counts", "1043,57,0.05", "--json");
        Assert.Equal(0.46147, counts.GetProperty("kupiec").GetProperty("statistic").GetDouble(), 5e-6);
        Assert.Equal("green", counts.GetProperty("traffic_light").GetProperty("zone").GetString());
        Assert.Equal(JsonValueKind.Null, counts.GetProperty("independence").ValueKind);
        Assert.Equal(3.5118, (await JsonAsync("measure", "backtest", "--counts", "1043,17,0.01", "--json")).GetProperty("kupiec").GetProperty("statistic").GetDouble(), 5e-5);

        var transitions = await JsonAsync("measure", "backtest", "--transitions", "932,53,53,4", "--json");
        Assert.Equal(0.25866, transitions.GetProperty("independence").GetProperty("statistic").GetDouble(), 5e-6);
        Assert.Equal(0.61104, transitions.GetProperty("independence").GetProperty("p_value").GetDouble(), 5e-6);
        Assert.Equal(JsonValueKind.Null, transitions.GetProperty("kupiec").ValueKind);

        var table = (await RiskGridProgram.RunAsync("measure", "backtest", "--transitions", "932,53,53,4", "--probability", "0.05")).MustEndWith(0).Output;
        Assert.Contains("0.611040", table, StringComparison.Ordinal);
        Assert.Contains("conditional coverage", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_series_of_exceptions_is_counted()
    {
        var series = File("exceptions.csv", "exception\n0\n0\n1\n1\n0\n1\n");
        var document = await JsonAsync("measure", "backtest", "--exceptions", series, "--probability", "0.05", "--json");
        Assert.Equal((6, 3), (document.GetProperty("observations").GetInt32(), document.GetProperty("exceptions").GetInt32()));
        Assert.Equal([1, 2, 1, 1], document.GetProperty("transitions").EnumerateObject().Select(t => t.Value.GetInt32()));
        Assert.Equal(
            document.GetProperty("kupiec").GetProperty("statistic").GetDouble() + document.GetProperty("independence").GetProperty("statistic").GetDouble(),
            document.GetProperty("conditional_coverage").GetProperty("statistic").GetDouble());

        var run = (await RiskGridProgram.RunAsync("measure", "backtest", "--exceptions", File("two.csv", "exception\n0\n2\n"))).MustEndWith(1);
        Assert.Contains("line 3, exception: 2 is neither 0 nor 1", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plots_are_pictures_of_their_own_with_the_values_marked()
    {
        var file = File("pnl.csv", "A & B,C\n" + string.Concat(Enumerable.Range(0, 200).Select(i => string.Create(CultureInfo.InvariantCulture, $"{(i * 37 % 200) - 90},5\n"))));
        var picture = _folder.File("pnl.svg");
        (await RiskGridProgram.RunAsync("measure", "pnl", file, "--confidence", "0.99", "--plot", picture, "--json")).MustEndWith(0).OneDocument();
        var svg = XDocument.Load(picture);
        var texts = svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToList();
        Assert.Contains("A & B", texts);
        Assert.Contains("VaR 99 %: 89.00", texts);
        Assert.Contains("ES 99 %: 89.50", texts);
        Assert.DoesNotContain(svg.Descendants().Attributes(), a => a.Name.LocalName is "href" or "src");
        Assert.False(System.IO.File.Exists(picture + ".partial"));

        var (deltas, _, covariance) = Files("CAD,2000000\nEUR,-1000000\n", string.Empty, "EUR,EUR,0.0144\nCAD,CAD,0.0025\n");
        var bars = _folder.File("bars.svg");
        (await RiskGridProgram.RunAsync("measure", "delta-gamma", "--deltas", deltas, "--covariance", covariance, "--z", "1.65", "--plot", bars)).MustEndWith(0);
        Assert.Contains("total", XDocument.Load(bars).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
    }

    private static void AssertTail(JsonElement tail, double confidence, double valueAtRisk, double shortfall, bool beyond)
    {
        Assert.Equal(confidence, tail.GetProperty("confidence").GetDouble());
        Assert.Equal(valueAtRisk, tail.GetProperty("var").GetDouble());
        Assert.Equal(shortfall, tail.GetProperty("es").GetDouble(), 1e-14);
        Assert.Equal(beyond, tail.GetProperty("beyond_sample").GetBoolean());
    }

    private static async Task<JsonElement> JsonAsync(params string[] arguments) => (await RiskGridProgram.RunAsync(arguments)).MustEndWith(0).OneDocument();

    private (string Deltas, string Gammas, string Covariance) Files(string deltas, string gammas, string covariance) =>
        (File("deltas.csv", "factor,value\n" + deltas), File("gammas.csv", "factor1,factor2,value\n" + gammas), File("covariance.csv", "factor1,factor2,value\n" + covariance));

    private string File(string name, string text) => _folder.Write(name, text);
}

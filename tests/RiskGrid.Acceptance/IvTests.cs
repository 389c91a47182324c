using System.Globalization;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Model;
using Xunit.Abstractions;

namespace RiskGrid.Acceptance;

/// <summary><c>riskgrid iv</c>: the table a user gets can be checked from its own columns.</summary>
public sealed class IvTests(ITestOutputHelper output)
{
    private const string Header = "contract,root,expiry,type,strike,bid,ask,mid,forward,discount,t,iv,status";
    private const double RepriceTolerance = 1e-9;

    [Fact]
    public async Task Every_contract_has_one_row_and_a_status_and_every_ok_row_reprices_to_its_mid()
    {
        using var folder = new TemporaryFolder();
        var table = folder.File("iv.csv");
        var run = await RiskGridProgram.RunAsync("iv", RepositoryFiles.Chain, "--as-of", "2026-01-30", "--out", table, "--json");
        run.MustEndWith(0);
        Assert.Equal(17_107, run.OneDocument().GetProperty("contracts").GetInt32());
        Assert.Equal([table], Directory.GetFiles(Path.GetDirectoryName(table)!));

        var lines = await File.ReadAllLinesAsync(table);
        Assert.Equal(Header, lines[0]);
        var rows = lines.Skip(1).Select(l => new Row(l.Split(','))).ToList();
        Assert.Equal(17_107, rows.Count);
        Assert.Equal(rows.Count, rows.Select(r => r.Contract).Distinct().Count());
        Assert.All(rows, r => Assert.Contains(r.Status, QuoteStatus.All));
        foreach (var status in rows.GroupBy(r => r.Status))
            Assert.Equal(status.Count(), run.OneDocument().GetProperty("status").GetProperty(status.Key).GetInt32());

        var ok = rows.Where(r => r.Status == "ok").ToList();
        Assert.True(ok.Count > 15_000, $"only {ok.Count} contracts are ok");
        var worst = 0.0;
        foreach (var row in ok)
        {
            var error = Math.Abs(row.Reprice() - row.Mid) / row.Mid;
            worst = Math.Max(worst, error);
            Assert.True(error <= RepriceTolerance, $"{row.Contract} is ok, yet its implied volatility gives {row.Reprice():R} and its mid is {row.Mid:R}");
        }

        output.WriteLine($"{ok.Count:N0} contracts are ok; the worst misses its mid by {worst:E2} of it");
    }

    [Fact]
    public async Task A_chain_that_is_not_there_is_a_failure_that_names_the_file()
    {
        using var folder = new TemporaryFolder();
        var run = await RiskGridProgram.RunAsync("iv", folder.File("no-chain.csv"), "--as-of", "2026-01-30", "--out", folder.File("iv.csv"), "--json");
        run.MustEndWith(1);
        Assert.Contains("no-chain.csv", run.Errors, StringComparison.Ordinal);
        Assert.Empty(run.Output);
        Assert.False(File.Exists(folder.File("iv.csv")), "a failure leaves no table behind");
    }

    private sealed record Row(string[] Fields)
    {
        public string Contract => Fields[0];

        public string Status => Fields[12];

        public double Mid => Number(7);

        public double Reprice() => BlackFormula.Price(
            isCall: Fields[3] == "call", forward: Number(8), strike: Number(4), discount: Number(9), time: Number(10), volatility: Number(11));

        private double Number(int column) => double.Parse(Fields[column], CultureInfo.InvariantCulture);
    }
}

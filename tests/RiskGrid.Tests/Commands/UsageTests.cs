using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Tests.Commands;

/// <summary>A command that is called wrongly ends with 2, says what is wrong and how to learn more, and prints nothing else.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("wrong", "wrong")]
    [InlineData("command")]
    [InlineData("--nonsense", "rollup", "--nonsense")]
    [InlineData("two", "rollup", "/", "two")]
    [InlineData("deep", "rollup", "--depth", "deep")]
    [InlineData("2 hours", "rollup", "--max-age", "2 hours")]
    [InlineData("contradict", "rollup", "--settled", "--max-age", "2s")]
    [InlineData("not-a-url", "rollup", "--address", "not-a-url")]
    [InlineData("ftp://127.0.0.1", "price", "T-1", "--address", "ftp://127.0.0.1")]
    [InlineData("price", "price")]
    [InlineData("many", "watch", "--updates", "many")]
    [InlineData("quotes", "quotes")]
    [InlineData("--rate", "quotes", "replay", "--rate", "0")]
    [InlineData("--seconds", "quotes", "replay", "--seconds", "-1")]
    [InlineData("--seconds", "quotes", "replay", "--seconds", "NaN")]
    [InlineData("--sample", "load")]
    [InlineData("--sample", "load", "trades.csv", "--sample")]
    [InlineData("--as-of", "iv", "chain.csv", "--out", "iv.csv")]
    [InlineData("--out", "iv", "chain.csv", "--as-of", "2026-01-30")]
    [InlineData("30.1.2026", "iv", "chain.csv", "--out", "iv.csv", "--as-of", "30.1.2026")]
    [InlineData("many", "demo", "--books", "many")]
    [InlineData("loud", "demo", "--log-level", "loud")]
    [InlineData("many", "serve", "--threads", "many")]
    [InlineData("broker", "silo")]
    [InlineData("broker", "gateway")]
    [InlineData("postgres://", "silo", "--broker", "amqp://127.0.0.1", "--ledger", "mine.db")]
    [InlineData("postgres://", "serve", "--broker", "amqp://127.0.0.1")]
    [InlineData("--broker", "gateway", "--broker", "http://127.0.0.1")]
    [InlineData("--ledger", "gateway", "--broker", "amqp://127.0.0.1", "--ledger", "mine.db")]
    [InlineData("--cache", "serve", "--cache", "redis://default:secret@127.0.0.1:6379")]
    [InlineData("--cache", "serve", "--cache", "redis://127.0.0.1/first")]
    [InlineData("--ledger", "serve", "--ledger", "postgres://127.0.0.1/risk")]
    [InlineData("no-such-file.json", "serve", "--config", "no-such-file.json")]
    [InlineData("99", "measure", "pnl", "pnl.csv", "--confidence", "99")]
    [InlineData("0.95,,0.99", "measure", "pnl", "pnl.csv", "--confidence", "0.95,,0.99")]
    [InlineData("harrell-davis", "measure", "pnl", "pnl.csv", "--quantile", "median")]
    [InlineData("--covariance", "measure", "delta-gamma", "--deltas", "d.csv")]
    [InlineData("exclude", "measure", "delta-gamma", "--deltas", "d.csv", "--covariance", "c.csv", "--z", "1.65", "--confidence", "0.99")]
    [InlineData("1.65", "measure", "delta-gamma", "--deltas", "d.csv", "--covariance", "c.csv", "--z", "NaN")]
    [InlineData("--exceptions", "measure", "backtest")]
    [InlineData("exclude", "measure", "backtest", "--counts", "250,3,0.01", "--transitions", "1,2,3,4")]
    [InlineData("251", "measure", "backtest", "--counts", "250,251,0.01")]
    [InlineData("'1'", "measure", "backtest", "--counts", "250,3,1")]
    [InlineData("1,2,3", "measure", "backtest", "--transitions", "1,2,3")]
    [InlineData("'-1'", "measure", "backtest", "--transitions", "-1,2,3,4")]
    [InlineData("zero", "measure", "backtest", "--transitions", "0,0,0,0")]
    [InlineData("bootstrap", "var", "--method", "bootstrap")]
    [InlineData("0.99", "var", "--confidence", "99")]
    [InlineData("--paths", "var", "--paths", "1000")]
    [InlineData("lots", "var", "--method", "monte-carlo", "--paths", "lots")]
    [InlineData("--interval", "var", "--interval", "0.9")]
    [InlineData("no folder", "var", "--plot", "no/such/folder/var.svg")]
    [InlineData("--detach", "var", "--detach", "--plot", "var.svg")]
    [InlineData("median", "var", "--quantile", "median")]
    [InlineData("--window", "var", "--window", "2008")]
    [InlineData("--deadline", "var", "--deadline", "-1")]
    [InlineData("two", "var", "/", "two")]
    [InlineData("--ladder", "stress", "--ladder", "IDX.SP500")]
    [InlineData("--matrix", "stress", "--matrix", "spot:0.1")]
    [InlineData("from", "explain")]
    [InlineData("to", "explain", "pin-1")]
    [InlineData("0.99", "backtest", "--confidence", "1.5")]
    [InlineData("days", "backtest", "--days", "-3")]
    [InlineData("sleeping", "runs", "--state", "sleeping")]
    [InlineData("--limit", "runs", "--limit", "0")]
    [InlineData("RUN", "runs", "--manifest")]
    [InlineData("run", "runs", "cancel")]
    [InlineData("run", "rerun")]
    public async Task Bad_usage_ends_with_2_and_names_what_is_wrong(string named, params string[] arguments)
    {
        var run = (await RiskGridProgram.RunAsync(arguments)).MustEndWith(2);
        Assert.Empty(run.Output);
        Assert.StartsWith("riskgrid: ", run.Errors, StringComparison.Ordinal);
        Assert.Contains(named, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_does_not_book_into_a_ledger_that_is_there()
    {
        using var folder = new TemporaryFolder();
        var ledger = folder.Write("ledger.db", "mine");
        var run = (await RiskGridProgram.RunAsync("demo", "--ledger", ledger)).MustEndWith(2);
        Assert.Contains(ledger, run.Errors, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(ledger));
    }

    [Fact]
    public async Task A_data_folder_without_the_sample_is_named()
    {
        using var folder = new TemporaryFolder();
        var run = (await RiskGridProgram.RunAsync("demo", "--data", folder.File("empty"), "--json")).MustEndWith(2);
        Assert.Contains(folder.File("empty"), run.Errors, StringComparison.Ordinal);
        Assert.Contains("--data", run.Errors, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("serve", "--help")]
    [InlineData("silo", "--help")]
    [InlineData("gateway", "--help")]
    [InlineData("demo", "--help")]
    [InlineData("load", "--help")]
    [InlineData("rollup", "--help")]
    [InlineData("watch", "--help")]
    [InlineData("price", "--help")]
    [InlineData("iv", "--help")]
    [InlineData("quotes", "replay", "--help")]
    [InlineData("measure", "pnl", "--help")]
    [InlineData("measure", "delta-gamma", "--help")]
    [InlineData("measure", "backtest", "--help")]
    [InlineData("var", "--help")]
    [InlineData("stress", "--help")]
    [InlineData("explain", "--help")]
    [InlineData("backtest", "--help")]
    [InlineData("pin", "--help")]
    [InlineData("runs", "--help")]
    [InlineData("runs", "cancel", "--help")]
    [InlineData("rerun", "--help")]
    public async Task Help_tells_the_options_of_every_command(params string[] arguments)
    {
        var run = (await RiskGridProgram.RunAsync(arguments)).MustEndWith(0);
        Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
        Assert.Contains("--json", run.Output, StringComparison.Ordinal);
    }
}

using RiskGrid.Cli;
using RiskGrid.Cli.Runs;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Tests.Runs;

/// <summary>The options of a value at risk become the spec that says the same.</summary>
public sealed class VarOptionTests
{
    [Fact]
    public void Without_options_it_is_historical_and_everything_else_is_left_to_the_server() =>
        Assert.Equal(new VarSpec { Historical = new HistoricalMethod() }, Build());

    [Fact]
    public void A_historical_VaR_takes_window_weights_filter_and_every_part()
    {
        var expected = new VarSpec
        {
            Confidences = { "0.99", "0.975" },
            HorizonsDays = { 1, 10 },
            QuantileRule = QuantileRule.HarrellDavis,
            Decompose = true,
            Incremental = true,
            Contributors = 7,
            FactorClasses = { "spot", "volatility" },
            Historical = new HistoricalMethod { From = "2008-01-01", To = "2009-12-31", Decay = 0.97, HullWhite = new HullWhiteFilter { Decay = 0.94, WarmUp = 250 } },
        };
        Assert.Equal(expected, Build(
            "--method", "historical", "--confidence", "0.99,0.975", "--horizon", "1,10", "--quantile", "harrell-davis", "--decompose",
            "--incremental", "--contributors", "7", "--classes", "spot,volatility", "--window", "2008-01-01..2009-12-31", "--decay", "0.97", "--hull-white", "0.94,250"));
    }

    [Fact]
    public void A_Monte_Carlo_VaR_takes_paths_seed_tails_and_pairs()
    {
        var expected = new VarSpec
        {
            IntervalConfidence = "0.9",
            MonteCarlo = new MonteCarloMethod { Paths = 20_000, Seed = ulong.MaxValue, DegreesOfFreedom = 4, Antithetic = true, From = "2015-01-01", Decay = 0.99 },
        };
        Assert.Equal(expected, Build(
            "--method", "monte-carlo", "--paths", "20000", "--seed", "18446744073709551615", "--student-t", "4", "--antithetic", "--interval", "0.9", "--window", "2015-01-01..", "--decay", "0.99"));
        Assert.Equal(new MonteCarloMethod { Paths = 100_000, Seed = 1 }, Build("--method", "monte-carlo").MonteCarlo);
    }

    [Fact]
    public void A_parametric_VaR_takes_quantiles_of_the_normal_as_they_are_written()
    {
        var expected = new VarSpec { Parametric = new ParametricMethod { To = "2020-12-31" }, Z = { "1.65", "2.330" } };
        Assert.Equal(expected, Build("--method", "parametric", "--z", "1.65", "--z", "2.330", "--window", "..2020-12-31"));
    }

    [Fact]
    public void A_confidence_keeps_every_digit() =>
        Assert.Equal(["0.9990000000000000000001"], Build("--confidence", "0.9990000000000000000001").Confidences);

    [Theory]
    [InlineData("0.99", "--confidence", "99")]
    [InlineData("0.99", "--confidence", "99%")]
    [InlineData("--confidence", "--confidence", "0")]
    [InlineData("--confidence", "--confidence", "0.99,1")]
    [InlineData("--confidence", "--confidence", "-0.5")]
    [InlineData("--confidence", "--confidence", "NaN")]
    [InlineData("--interval", "--interval", "95")]
    [InlineData("--horizon", "--horizon", "1,ten")]
    [InlineData("--horizon", "--horizon", "-1")]
    [InlineData("2008-01-01..2009-12-31", "--window", "2008")]
    [InlineData("--window", "--window", "..")]
    [InlineData("--window", "--window", "2008-01-01..2009-13-31")]
    [InlineData("0.94,250", "--hull-white", "0.94")]
    [InlineData("0.94,250", "--hull-white", "0.94,many")]
    [InlineData("--hull-white", "--hull-white", "x,250")]
    [InlineData("--paths has no meaning with --method historical", "--paths", "1000")]
    [InlineData("--seed", "--method", "parametric", "--seed", "1")]
    [InlineData("--z", "--method", "monte-carlo", "--z", "1.65")]
    [InlineData("--hull-white", "--method", "monte-carlo", "--hull-white", "0.94,250")]
    [InlineData("--antithetic", "--antithetic")]
    [InlineData("--quantile", "--method", "parametric", "--quantile", "linear")]
    [InlineData("--incremental", "--method", "parametric", "--incremental")]
    [InlineData("--contributors", "--method", "parametric", "--contributors", "3")]
    [InlineData("--classes", "--method", "parametric", "--classes", "spot")]
    [InlineData("1.65", "--method", "parametric", "--z", "much")]
    public void What_has_the_wrong_form_or_no_meaning_is_refused_by_name(string named, params string[] arguments) =>
        Assert.Contains(named, Assert.Throws<UsageException>(() => Build(arguments)).Message, StringComparison.Ordinal);

    private static VarSpec Build(params string[] arguments)
    {
        var options = new VarOptions();
        return options.Build(Parsing.Parse(options.AddTo, arguments));
    }
}

using RiskGrid.Acceptance.Processes;
using RiskGrid.Cli;
using RiskGrid.Cli.Runs;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Tests.Runs;

/// <summary>The options of a stress run become the spec that says the same.</summary>
public sealed class StressOptionTests
{
    [Fact]
    public void Without_options_it_is_every_crisis() => Assert.Equal(new StressSpec { AllCrises = true }, Build());

    [Fact]
    public void Crises_are_named_in_a_list_or_one_by_one()
    {
        Assert.Equal(new StressSpec { Crises = { "2008-10", "2020-03", "2011-08" } }, Build("--crises", "2008-10,2020-03", "--crises", "2011-08"));
        Assert.Equal(new StressSpec { AllCrises = true }, Build("--crises", "all"));
    }

    [Fact]
    public void Ladders_and_a_matrix_are_read_with_their_selectors()
    {
        var expected = new StressSpec
        {
            Ladders =
            {
                new Ladder { Selector = "IDX.SP500", Moves = { -0.1, -0.05, 0, 0.05 } },
                new Ladder { Selector = "EQ.*", Moves = { -0.2 } },
            },
            Matrix = new SpotVolatilityMatrix { SpotMoves = { -0.1, 0, 0.1 }, VolatilityMoves = { -0.2, 0.5 }, Selector = "EQ.*" },
            FactorClasses = { "spot" },
        };
        Assert.Equal(expected, Build(
            "--ladder", "IDX.SP500:-0.1,-0.05,0,0.05", "--ladder", "EQ.*:-0.2", "--matrix", "spot:-0.1,0,0.1;vol:-0.2,0.5;on:EQ.*", "--classes", "spot"));
    }

    [Fact]
    public void Shocks_of_ones_own_are_sent_as_the_file_has_them()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(new StressSpec { ScenariosJson = "{ \"x\": 1 }\n" }, Build("--scenarios", folder.Write("shocks.json", "{ \"x\": 1 }\n")));
        Assert.Throws<FileNotFoundException>(() => Build("--scenarios", folder.File("nowhere.json")));
    }

    [Theory]
    [InlineData("--ladder", "--ladder", "-0.1,0.1")]
    [InlineData("--ladder", "--ladder", "IDX.SP500:")]
    [InlineData("much", "--ladder", "IDX.SP500:0.1,much")]
    [InlineData("--matrix", "--matrix", "spot:-0.1,0.1")]
    [InlineData("--matrix", "--matrix", "spot:-0.1;vol:0.1;spot:0.2")]
    [InlineData("--matrix", "--matrix", "spot:-0.1;vol:0.1;rates:0.2")]
    [InlineData("Infinity", "--matrix", "spot:-0.1;vol:Infinity")]
    public void What_has_the_wrong_form_is_refused_with_the_right_one(string named, params string[] arguments) =>
        Assert.Contains(named, Assert.Throws<UsageException>(() => Build(arguments)).Message, StringComparison.Ordinal);

    private static StressSpec Build(params string[] arguments)
    {
        var options = new StressOptions();
        return options.Build(Parsing.Parse(options.AddTo, arguments));
    }
}

using Google.Rpc;
using RiskGrid.Grid;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests.Runs;

public sealed class StressRunTests
{
    private const string Shocks = """
        {"name":"mine","scenarios":[
          {"name":"nothing","shocks":[]},
          {"name":"down","shocks":[{"selector":"spot","kind":"relative","value":-0.1}]}]}
        """;

    [Fact]
    public async Task Shocks_ladders_and_matrices_agree_where_they_mean_the_same()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var run = await silo.ComputeAsync("stress", new Wire.RunSpec
        {
            Stress = new Wire.StressSpec
            {
                ScenariosJson = Shocks,
                Ladders = { new Wire.Ladder { Selector = "*", Moves = { -0.1, 0, 0.1 } } },
                Matrix = new Wire.SpotVolatilityMatrix { SpotMoves = { -0.1, 0 }, VolatilityMoves = { 0, 0.5 } },
                FactorClasses = { "spot", "volatility" },
            },
        });
        foreach (var node in run.Result.Nodes)
        {
            double Pnl(string group, int position) => node.Stress.Where(s => s.Group == group).ElementAt(position).Pnl;
            Assert.Equal(0, Pnl("custom", 0));
            Assert.Equal(0, Pnl("ladder-1", 1));
            Assert.Equal(Pnl("custom", 1), Pnl("ladder-1", 0));
            Assert.Equal(Pnl("custom", 1), Pnl("matrix", 0));
            Assert.All(node.Stress, s => Assert.Equal(s.Pnl, s.Classes.Sum(c => c.Pnl), 1e-9 * Math.Max(1, Math.Abs(s.Pnl))));
            Assert.NotEqual(0, Pnl("matrix", 3));
        }

        var firm = run.Node("/").Stress.Single(s => s is { Group: "matrix", SpotMove: -0.1, VolatilityMove: 0.5 });
        Assert.Contains("-10%", firm.Scenario, StringComparison.Ordinal);
        var rerun = await silo.RerunAsync("again", "stress");
        Assert.True(rerun.Rerun.Identical, rerun.Rerun.ToString());
    }

    [Fact]
    public async Task A_desks_stress_is_the_sum_of_its_books_and_vectors_are_kept()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var run = await silo.ComputeAsync("ladder", new Wire.RunSpec
        {
            Stress = new Wire.StressSpec { Ladders = { new Wire.Ladder { Selector = "IDX.SP500", Moves = { -0.2, -0.1, 0.05 } } } },
        });
        var books = run.Result.Nodes.Where(n => n.Kind == "book").ToList();
        for (var s = 0; s < 3; s++)
            Assert.Equal(run.Node("/").Stress[s].Pnl, books.Sum(b => b.Stress[s].Pnl), 1e-9 * Math.Abs(run.Node("/").Stress[s].Pnl));
        Assert.All(run.Node("/STOCK").Stress, s => Assert.Equal(0, s.Pnl));
        var vector = await silo.Run("ladder").GetVector(new Wire.GetRunVectorRequest { RunId = "ladder", Leg = "ladder-1" }, CancellationToken.None).Within("the vector is read");
        Assert.Equal(run.Node("/").Stress.Select(s => s.Scenario), vector.Labels);
    }

    [Theory]
    [InlineData("spec.stress.crises", """{"stress":{"crises":["1929"]}}""")]
    [InlineData("spec.stress.crises", """{"stress":{"crises":["2008-10"]}}""")]
    [InlineData("spec.stress.scenarios_json", """{"stress":{"scenarios_json":"{"}}""")]
    [InlineData("spec.stress.ladders", """{"stress":{"ladders":[{"selector":"EQ.NOBODY","moves":[0.1]}]}}""")]
    public async Task What_cannot_be_replayed_or_shocked_is_refused_by_name(string field, string json)
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var refused = await RunSilo.Refused(silo.StartRunAsync("bad", Wire.RunSpec.Parser.ParseJson(json)));
        Assert.Equal(GridErrorCode.InvalidArgument, refused.Code);
        Assert.Equal(field, refused.Detail<BadRequest>()!.FieldViolations[0].Field);
    }
}

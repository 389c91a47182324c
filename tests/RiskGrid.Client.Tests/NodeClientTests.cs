using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;
using RiskGrid.Testing;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Client.Tests;

/// <summary>The Node client of tests/grpc-js over the real contracts; the acceptance tests run it against the whole system.</summary>
public sealed class NodeClientTests
{
    private static readonly string[] Usual = ["--book", "SPX-1", "--path", "/INDEX/SPX-1", "--trades", "25", "--batch", "10", "--timeout-ms", "60000"];

    [Fact]
    public async Task A_Node_client_books_subscribes_reads_and_prices()
    {
        await using var server = await ScriptedServer.StartAsync();
        var booked = Channel.CreateUnbounded<int>();
        var retried = 0;
        server.OnBook = (request, _) =>
        {
            var response = ScriptedServer.Answer(request, command => command.TradeId == "n-000003" && retried++ == 0 ? Outcome.Retry : Outcome.Applied);
            booked.Writer.TryWrite(response.Results.Count(result => result.Outcome == Outcome.Applied));
            return Task.FromResult(response);
        };
        server.OnSubscribe = (request, token) => Rollups(request.Path, booked.Reader, token);

        var (exitCode, lines, errors) = await NodeProcess.RunAsync(
            ["client.js", "--address", server.Address.Authority, .. Usual, "--prefix", "n", "--desk", "INDEX", "--first-strike", "6000", "--strike-step", "5"]);
        Assert.True(exitCode == 0, $"{string.Join('\n', lines)} {errors}");
        var events = lines.ToLookup(line => line.GetProperty("event").GetString());
        Assert.Equal("SERVING", events["serving"].Single().GetProperty("status").GetString());
        Assert.Equal("8", events["hierarchy"].Single().GetProperty("version").GetString());
        Assert.Equal((25, 0), (Number(events["booked"].Single(), "applied"), Number(events["booked"].Single(), "refused")));
        Assert.True(events["rollup"].Count() >= 2, "the subscription gave no updates");
        Assert.Equal("/INDEX/SPX-1", events["settled"].Single().GetProperty("rollups")[0].GetProperty("path").GetString());
        Assert.Equal("n-000000", events["price"].Single().GetProperty("price").GetProperty("trade_id").GetString());
        Assert.Equal("done", lines[^1].GetProperty("event").GetString());

        Assert.Equal(["n-000003"], server.Booked.ElementAt(1).Commands.Select(command => command.TradeId));
        var option = server.Booked.Last().Commands[^1].Book.Instrument.EuropeanOption;
        Assert.Equal((6120.0, OptionType.Call, "IDX.SP500"), (option.Strike, option.Type, option.Underlying));
    }

    [Fact]
    public async Task A_refusal_reaches_the_Node_client_with_the_field()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.OnSubscribe = (request, token) => Rollups(request.Path, Channel.CreateUnbounded<int>().Reader, token);
        server.OnBook = (_, _) => throw RpcException.InvalidField("commands[0].book.book", "there is no such book");
        var (exitCode, lines, _) = await NodeProcess.RunAsync(["client.js", "--address", server.Address.Authority, .. Usual]);
        Assert.Equal(1, exitCode);
        Assert.Equal((int)RpcStatus.InvalidArgument, Number(lines[^1], "code"));
        Assert.Equal("commands[0].book.book", lines[^1].GetProperty("field_violations")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task Bad_usage_is_told_apart() =>
        Assert.Equal(2, (await NodeProcess.RunAsync("client.js", "--address", "127.0.0.1:1")).ExitCode);

    private static int Number(JsonElement line, string name) => line.GetProperty(name).GetInt32();

    private static async IAsyncEnumerable<Rollup> Rollups(
        string path, ChannelReader<int> booked, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var trades = 0u;
        for (var version = 1L; ; version++)
        {
            yield return new Rollup { Path = path, Version = version, Coverage = new Coverage { Trades = trades, Priced = trades } };
            trades += (uint)await booked.ReadAsync(cancellationToken);
        }
    }
}

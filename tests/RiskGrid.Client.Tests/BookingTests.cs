using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Client.Tests;

public sealed class BookingTests
{
    [Fact]
    public async Task Commands_go_in_batches_in_the_order_given_and_each_gets_its_result()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        server.OnBook = (request, _) => Task.FromResult(ScriptedServer.Answer(
            request, command => command.TradeId == "t1234" ? Outcome.Refused : Outcome.Applied));
        var progress = new Reported();
        var results = await client.BookTradesAsync(ScriptedServer.Commands(2500), new BookingOptions { BatchSize = 1000, Author = "ann", Progress = progress });
        Assert.Equal([1000, 1000, 500], server.Booked.Select(request => request.Commands.Count));
        Assert.All(server.Booked, request => Assert.Equal("ann", request.Author));
        Assert.Equal(Enumerable.Range(0, 2500).Select(n => $"c{n}"), results.Select(result => result.CommandId));
        Assert.Equal(["t1234"], results.Where(result => result.Outcome == Outcome.Refused).Select(result => result.TradeId));
        Assert.Equal([1000, 2000, 2500], progress.Values);
    }

    [Fact]
    public async Task A_batch_of_long_commands_is_split_before_it_is_too_large_for_the_server()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        var commands = ScriptedServer.Commands(30);
        foreach (var command in commands)
            command.Book.Counterparty = new string('x', 1_000_000);
        var results = await client.BookTradesAsync(commands);
        Assert.All(results, result => Assert.Equal(Outcome.Applied, result.Outcome));
        Assert.All(server.Booked, request => Assert.InRange(request.CalculateSize(), 1, MessageFrame.DefaultMaxBytes));
    }

    [Fact]
    public async Task Commands_to_be_retried_go_again_with_the_same_ids_and_the_others_do_not()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        server.OnBook = (request, _) => Task.FromResult(ScriptedServer.Answer(
            request, command => server.Booked.Count < 3 && command.CommandId is "c1" or "c3" && server.Booked.Count < 3 ? Outcome.Retry : Outcome.Applied));
        var results = await client.BookTradesAsync(ScriptedServer.Commands(5));
        Assert.All(results, result => Assert.Equal(Outcome.Applied, result.Outcome));
        Assert.Equal(["c0 c1 c2 c3 c4", "c1 c3", "c1 c3"], server.Booked.Select(request => string.Join(' ', request.Commands.Select(each => each.CommandId))));
    }

    [Fact]
    public async Task A_server_that_is_unavailable_or_hangs_is_asked_again_with_the_same_ids()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        server.OnBook = async (request, token) =>
        {
            if (server.Booked.Count == 1)
                throw RpcException.RetryLater(RpcStatus.Unavailable, "the store restarts", TimeSpan.FromMilliseconds(20));
            if (server.Booked.Count == 2)
                await Task.Delay(Timeout.Infinite, token);
            return ScriptedServer.Apply(request);
        };
        var results = await client.BookTradesAsync(ScriptedServer.Commands(3), new BookingOptions { RequestTimeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(3, results.Count);

        // An answer that is late by itself has one more request follow.
        Assert.True(server.Booked.Count >= 3, $"{server.Booked.Count} requests came");
        Assert.All(server.Booked, request => Assert.Equal(["c0", "c1", "c2"], request.Commands.Select(each => each.CommandId)));
    }

    [Fact]
    public async Task Booking_goes_on_when_the_server_comes_back()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        Task? restart = null;
        server.OnBook = (request, token) =>
        {
            if (restart is null)
            {
                restart = Task.Run(async () =>
                {
                    await server.StopAsync();
                    await server.StartAgainAsync();
                });
                return Task.Delay(Timeout.Infinite, token).ContinueWith(_ => ScriptedServer.Apply(request), TaskScheduler.Default);
            }

            return Task.FromResult(ScriptedServer.Apply(request));
        };
        var results = await client.BookTradesAsync(ScriptedServer.Commands(4), new BookingOptions { BatchSize = 2, Timeout = ScriptedServer.Patience });
        Assert.All(results, result => Assert.Equal(Outcome.Applied, result.Outcome));
        Assert.True(server.Booked.Count >= 3, "the first batch was not sent again");
        await restart!;
    }

    [Fact]
    public async Task When_the_time_is_up_what_was_answered_and_what_not_is_told_apart()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        server.OnBook = (request, _) => Task.FromResult(ScriptedServer.Answer(request, command => command.CommandId == "c2" ? Outcome.Retry : Outcome.Applied));

        // Connected before the time runs, which must do for a first answer.
        await client.GetRollupAsync("/");
        var failure = await Assert.ThrowsAsync<BookingIncompleteException>(
            () => client.BookTradesAsync(ScriptedServer.Commands(6), new BookingOptions { BatchSize = 3, Timeout = TimeSpan.FromSeconds(3) }));
        Assert.Equal(RpcStatus.DeadlineExceeded, failure.Status);
        Assert.Equal(4, failure.Unanswered);
        Assert.Equal(
            [Outcome.Applied, Outcome.Applied, Outcome.Retry, Outcome.Retry, Outcome.Retry, Outcome.Retry], failure.Results.Select(result => result.Outcome));
        Assert.Contains("c2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_refused_for_good_is_not_sent_again()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        server.OnBook = (_, _) => throw RpcException.InvalidField("author", "is too long");
        var failure = await Assert.ThrowsAsync<BookingIncompleteException>(() => client.BookTradesAsync(ScriptedServer.Commands(2)));
        Assert.Equal(RpcStatus.InvalidArgument, failure.Status);
        Assert.Equal([("author", "is too long")], failure.FieldViolations);
        Assert.Single(server.Booked);
    }

    [Fact]
    public async Task A_server_that_answers_another_command_than_the_one_asked_is_not_believed()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        server.OnBook = (request, _) => Task.FromResult(new BookTradesResponse { Results = { ScriptedServer.Apply(request).Results.Reverse() } });
        Assert.Equal(RpcStatus.Internal, (await Assert.ThrowsAsync<BookingIncompleteException>(() => client.BookTradesAsync(ScriptedServer.Commands(2)))).Status);
    }

    [Fact]
    public async Task A_command_without_an_id_is_refused_before_anything_is_sent()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        var commands = ScriptedServer.Commands(2);
        commands[1].CommandId = "";
        Assert.Contains("t1", (await Assert.ThrowsAsync<ArgumentException>(() => client.BookTradesAsync(commands))).Message, StringComparison.Ordinal);
        Assert.Empty(server.Booked);
        Assert.Empty(await client.BookTradesAsync([]));
    }

    private sealed class Reported : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value) => Values.Add(value);
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace RiskGrid.Testing.Tests;

public sealed class TestServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData(ServerKind.RabbitMq, "AMQP\0\0\u0009\u0001", "\u0001")]
    [InlineData(ServerKind.Redis, "PING\r\n", "+PONG")]
    public async Task A_server_answers_stops_and_comes_back_on_the_same_port(ServerKind kind, string hello, string reply)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var server = await TestServers.StartAsync(kind, limit.Token);
        var port = server.Port;
        Assert.StartsWith(reply, await AskAsync(port, hello, limit.Token), StringComparison.Ordinal);

        await server.StopAsync(limit.Token);
        Assert.Equal("stopped", await server.StatusAsync(limit.Token));
        await Assert.ThrowsAnyAsync<SocketException>(() => AskAsync(port, hello, limit.Token));
        await server.StopAsync(limit.Token);

        await server.StartAsync(limit.Token);
        Assert.Equal(port, server.Port);
        Assert.StartsWith(reply, await AskAsync(port, hello, limit.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_and_a_killed_PostgreSQL_keep_their_databases()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var server = await TestServers.PostgresAsync(limit.Token);
        var first = await server.CreateDatabaseAsync(limit.Token);
        var second = await server.CreateDatabaseAsync(limit.Token);
        Assert.NotEqual(first, second);

        await server.StopAsync(limit.Token);
        await server.StartAsync(limit.Token);
        await server.KillAsync(limit.Token);
        Assert.Equal("stopped", await server.StatusAsync(limit.Token));
        await server.StartAsync(limit.Token);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            ServerScript.RunAsync(["database", server.Folder, second.AbsolutePath.TrimStart('/')], limit.Token));
        Assert.Contains("already exists", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_server_answers_again_when_resumed()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var server = await TestServers.RedisAsync(limit.Token);
        await server.PauseAsync(limit.Token);

        // A process counts as stopped once it has been scheduled.
        while (await server.StatusAsync(limit.Token) is var status and not "paused")
        {
            Assert.Equal("running", status);
            await Task.Delay(50, limit.Token);
        }

        var answer = AskAsync(server.Port, "PING\r\n", limit.Token);
        await server.ResumeAsync(limit.Token);
        Assert.StartsWith("+PONG", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disposed_server_leaves_nothing_behind()
    {
        using var limit = new CancellationTokenSource(Limit);
        var server = await TestServers.RedisAsync(limit.Token);
        await server.DisposeAsync();
        Assert.False(Directory.Exists(server.Folder));
        await Assert.ThrowsAnyAsync<SocketException>(() => AskAsync(server.Port, "PING\r\n", limit.Token));
    }

    [Fact]
    public async Task A_server_goes_with_the_process_that_wanted_it()
    {
        using var limit = new CancellationTokenSource(Limit);
        using var parent = Process.Start("sleep", "300");
        var folder = Directory.CreateTempSubdirectory("riskgrid-watched-").FullName;
        try
        {
            await ServerScript.RunAsync(["start", "redis", folder, "free", "--parent", $"{parent.Id}"], limit.Token);
            var port = int.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "port"), limit.Token));
            Assert.StartsWith("+PONG", await AskAsync(port, "PING\r\n", limit.Token), StringComparison.Ordinal);
            parent.Kill();
            while (Directory.Exists(folder))
                await Task.Delay(50, limit.Token);
            await Assert.ThrowsAnyAsync<SocketException>(() => AskAsync(port, "PING\r\n", limit.Token));
        }
        finally
        {
            parent.Kill();
            await ServerScript.RunAsync(["kill", "redis", folder], CancellationToken.None);
        }
    }

    private static async Task<string> AskAsync(int port, string text, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, cancellationToken);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken);
        var buffer = new byte[64];
        var count = await client.GetStream().ReadAsync(buffer, cancellationToken);
        return Encoding.Latin1.GetString(buffer, 0, count);
    }
}

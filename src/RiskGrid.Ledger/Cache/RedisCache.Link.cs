using System.Globalization;
using StackExchange.Redis;

namespace RiskGrid.Ledger.Cache;

/// <content>The connection: made, watched, dropped and made again.</content>
public sealed partial class RedisCache
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(1);

    private async Task SuperviseAsync()
    {
        var away = false;
        while (!_stop.IsCancellationRequested)
        {
            string reason;
            try
            {
                var link = await ConnectAsync().ConfigureAwait(false);
                away = false;
                _options.Log.Found(_options);
                Volatile.Write(ref _link, link);
                try
                {
                    reason = await link.Lost.WaitAsync(_stop.Token).ConfigureAwait(false);
                }
                finally
                {
                    Volatile.Write(ref _link, null);
                    link.Close();
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it is, the cache is away.
            catch (Exception e)
#pragma warning restore CA1031
            {
                reason = e is TimeoutException ? "it takes connections but does not answer" : e.Message;
            }

            if (!away)
                _options.Log.Lost(_options, reason, _options.RetryAfter);
            away = true;
            await Task.Delay(_options.RetryAfter, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // At once for all: the next read does not try.
    private void Lose(Link link, string reason)
    {
        Interlocked.CompareExchange(ref _link, null, link);
        link.Lose(reason);
    }

    private async Task<Link> ConnectAsync()
    {
        var configuration = new ConfigurationOptions
        {
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ConnectTimeout = (int)ConnectPatience.TotalMilliseconds,
            SyncTimeout = (int)ConnectPatience.TotalMilliseconds,
            ClientName = "riskgrid",
            DefaultDatabase = _options.Database,
            Password = _options.Password,

            // One connection: nothing here subscribes, and there is one server.
            CommandMap = CommandMap.Create(["SUBSCRIBE", "CLUSTER"], available: false),
            ConfigurationChannel = string.Empty,
            TieBreaker = string.Empty,
        };
        configuration.EndPoints.Add(_options.Host, _options.Port);
        var connecting = Task.Run(() => ConnectionMultiplexer.ConnectAsync(configuration), _stop.Token);
        ConnectionMultiplexer connection;
        try
        {
            connection = await connecting.WaitAsync(3 * ConnectPatience, _time, _stop.Token).ConfigureAwait(false);
        }
        catch
        {
            _ = connecting.ContinueWith(
                static late =>
                {
                    if (late.IsCompletedSuccessfully)
                        late.Result.Close(allowCommandsToComplete: false);
                    else
                        _ = late.Exception;
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
            throw;
        }

        var link = new Link(connection, _options.Database);
        connection.ConnectionFailed += (_, failed) => Lose(link, $"the connection broke: {failed.FailureType}");
        try
        {
            var time = await link.ReadClockAsync().WaitAsync(ConnectPatience, _time, _stop.Token).ConfigureAwait(false);
            link.Heard(time, _time.GetTimestamp());
            return link;
        }
        catch
        {
            link.Close();
            throw;
        }
    }

    /// <summary>One connection, until it is lost.</summary>
    private sealed class Link
    {
        private readonly ConnectionMultiplexer _connection;
        private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // What the server's clock said, and a moment here when it had said it already.
        private volatile Tuple<long, long> _clock = new(0, 0);

        public Link(ConnectionMultiplexer connection, int database)
        {
            _connection = connection;
            connection.PreserveAsyncOrder = false;
            Database = connection.GetDatabase(database);
        }

        public IDatabase Database { get; }

        /// <summary>Completes with the reason.</summary>
        public Task<string> Lost => _lost.Task;

        public void Lose(string reason) => _lost.TrySetResult(reason);

        /// <summary>The server's clock in microseconds since 1970.</summary>
        public async Task<long> ReadClockAsync()
        {
            var parts = (string[]?)await Database.ExecuteAsync("TIME").ConfigureAwait(false);
            return parts is { Length: 2 }
                ? checked((long.Parse(parts[0], CultureInfo.InvariantCulture) * 1_000_000) + long.Parse(parts[1], CultureInfo.InvariantCulture))
                : throw new FormatException("TIME was answered with something else");
        }

        public void Heard(long serverTime, long at) => _clock = new(serverTime, at);

        /// <summary>The least that the server's clock can have said at a moment here: it went on since it was heard.</summary>
        public long ServerTimeAt(long moment, TimeProvider time)
        {
            var (serverTime, heardAt) = _clock;
            return serverTime + (long)time.GetElapsedTime(heardAt, moment).TotalMicroseconds;
        }

        // It may wait for a server that does not answer: nobody else does.
        public void Close() => _ = Task.Run(() => _connection.Close(allowCommandsToComplete: false));
    }
}

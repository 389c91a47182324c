using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RiskGrid.Ledger.Cache;

/// <summary>Where a Redis server is and how patient its users are. Immutable.</summary>
public sealed record RedisCacheOptions
{
    private const int DefaultPort = 6379;

    /// <summary>The server's name or address.</summary>
    public required string Host { get; init; }

    /// <summary>The server's port.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The password, or null; never logged.</summary>
    public string? Password { get; init; }

    /// <summary>The database's number.</summary>
    public int Database { get; init; }

    /// <summary>Begins every key: grids that share a server need different prefixes, or different databases.</summary>
    public string Prefix { get; init; } = "rg";

    /// <summary>What has not been answered by then counts as a miss, and the server as away. 200 ms.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The pause before a server that is away is tried again. 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longer values are not kept. 32 MiB.</summary>
    public int MaxValueBytes { get; init; } = 32 << 20;

    /// <summary>Bytes on their way to the server; what is put beyond is forgotten. 64 MiB.</summary>
    public long MaxPendingBytes { get; init; } = 64 << 20;

    /// <summary>The clock of timeouts and pauses.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Hears when the server is lost and found, one line each.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Reads <c>redis://[:password@]host[:port][/database][?prefix=NAME]</c>.</summary>
    /// <exception cref="ArgumentException">The address has another form; the message does not repeat it, for it may hold a password.</exception>
    public static RedisCacheOptions Parse(string address)
    {
        const string Form = "the cache's address must look like redis://[:password@]host[:port][/database][?prefix=NAME]";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme != "redis" || uri.Host.Length == 0 || uri.Fragment.Length > 0)
            throw new ArgumentException(Form, nameof(address));
        var path = uri.AbsolutePath.Trim('/');
        var database = 0;
        if (path.Length > 0 && !int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out database))
            throw new ArgumentException($"{Form}; the database is a number", nameof(address));
        var options = new RedisCacheOptions { Host = uri.IdnHost, Port = uri.Port > 0 ? uri.Port : DefaultPort, Database = database };
        var colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
        if (uri.UserInfo.Length > 0 && colon != 0)
            throw new ArgumentException($"{Form}; user names are not supported, the password stands behind a colon", nameof(address));
        if (colon == 0)
            options = options with { Password = Uri.UnescapeDataString(uri.UserInfo[1..]) };
        if (uri.Query.Length > 0)
        {
            if (!uri.Query.StartsWith("?prefix=", StringComparison.Ordinal) || uri.Query.Contains('&', StringComparison.Ordinal) || uri.Query.Length == "?prefix=".Length)
                throw new ArgumentException($"{Form}; the only parameter is prefix", nameof(address));
            options = options with { Prefix = Uri.UnescapeDataString(uri.Query["?prefix=".Length..]) };
        }

        return options;
    }

    /// <summary>Where the server is, without the password.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"redis://{Host}:{Port}/{Database}");
}

using Microsoft.Extensions.Logging;

namespace RiskGrid.Ledger.Cache;

/// <summary>Caches by address.</summary>
public static class Caches
{
    /// <summary>The cache at an address; connects in the background. Without an address there is none.</summary>
    /// <param name="address"><c>redis://[:password@]host[:port][/database][?prefix=NAME]</c>, or null or empty.</param>
    /// <param name="time">The clock of timeouts and pauses.</param>
    /// <param name="log">Hears when the server is lost and found.</param>
    /// <exception cref="ArgumentException">The address has another form.</exception>
    public static ICache Open(string? address, TimeProvider time, ILogger log) =>
        string.IsNullOrEmpty(address) ? NoCache.Instance : new RedisCache(RedisCacheOptions.Parse(address) with { Time = time, Log = log });
}

using Microsoft.Extensions.Logging;

namespace RiskGrid.Ledger.Cache;

/// <summary>What the cache tells an operator: one line per change.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Cache {Cache}: in use")]
    public static partial void Found(this ILogger logger, RedisCacheOptions cache);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cache {Cache}: away ({Reason}); reads go to their owners, and it is tried again every {Pause}")]
    public static partial void Lost(this ILogger logger, RedisCacheOptions cache, string reason, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cache {Cache}: refuses what is put ({Reason}); give it more memory or maxmemory-policy allkeys-lru")]
    public static partial void Refuses(this ILogger logger, RedisCacheOptions cache, string reason);
}

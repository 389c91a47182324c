using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>What a failed unary call may be followed by.</summary>
public enum RpcRetry
{
    /// <summary>Nothing: the failure is the caller's to judge.</summary>
    Never,

    /// <summary>A few more tries with backoff: the call does no harm when it runs twice.</summary>
    Idempotent,

    /// <summary>More tries until the deadline: the call does no harm when it runs twice.</summary>
    UntilDeadline,
}

/// <summary>How one call is made. Immutable, except that <see cref="Response"/> is filled.</summary>
public sealed record RpcCallOptions
{
    /// <summary>A call with the channel's defaults.</summary>
    public static readonly RpcCallOptions Default = new();

    /// <summary>Time for the whole call, tries and pauses included. Null: for unary calls the channel's default, for streams no limit.
    /// <see cref="Timeout.InfiniteTimeSpan"/>: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether to try again when the server cannot be reached, or asks for it with a time to wait. Unary calls only.</summary>
    public RpcRetry Retry { get; init; }

    /// <summary>Metadata to send.</summary>
    public RpcMetadata? Headers { get; init; }

    /// <summary>Whether requests are compressed with gzip.</summary>
    public bool Compress { get; init; }

    /// <summary>Receives the metadata of the response when set; for one call only.</summary>
    public RpcResponseMetadata? Response { get; init; }
}

/// <summary>Metadata that came with a response.</summary>
public sealed class RpcResponseMetadata
{
    /// <summary>Sent before the first message.</summary>
    public RpcMetadata Headers { get; internal set; } = new();

    /// <summary>Sent after the last message; empty before the end of a stream.</summary>
    public RpcMetadata Trailers { get; internal set; } = new();
}

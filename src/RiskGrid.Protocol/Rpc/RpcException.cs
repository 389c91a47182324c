using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;

namespace RiskGrid.Protocol.Rpc;

/// <summary>A call that ended with another status than OK; on either side of the wire. Immutable.</summary>
public class RpcException : Exception
{
    /// <summary>An outcome without details.</summary>
    public RpcException(RpcStatus status, string message)
        : this(status, message, [], null)
    {
    }

    /// <summary>An outcome with details, such as <see cref="BadRequest"/> and <see cref="RetryInfo"/>.</summary>
    public RpcException(RpcStatus status, string message, params IReadOnlyList<IMessage> details)
        : this(status, message, details, null)
    {
    }

    /// <summary>An outcome with details and what caused it; the cause stays on this side of the wire.</summary>
    public RpcException(RpcStatus status, string message, IReadOnlyList<IMessage> details, Exception? innerException)
        : base(message, innerException)
    {
        Status = status;
        Details = [.. details.Select(detail => detail as Any ?? Any.Pack(detail))];
    }

    /// <summary>Never <see cref="RpcStatus.Ok"/>.</summary>
    public RpcStatus Status { get; }

    /// <summary>Structured details in the order of the sender.</summary>
    public IReadOnlyList<Any> Details { get; }

    /// <summary>Metadata that came with the failure; empty on the side that throws.</summary>
    public RpcMetadata Trailers { get; init; } = new();

    /// <summary>When the server says so: do not retry before this has passed.</summary>
    public TimeSpan? RetryAfter
    {
        get
        {
            foreach (var detail in Details)
                if (detail.TryUnpack<RetryInfo>(out var info) && info.RetryDelay is { } delay)
                    return delay.ToTimeSpan();
            return null;
        }
    }

    /// <summary>The request's fields that break a rule, in the order of the sender.</summary>
    public IReadOnlyList<(string Field, string Reason)> FieldViolations =>
        [.. from detail in Details
            where detail.Is(BadRequest.Descriptor)
            from violation in detail.Unpack<BadRequest>().FieldViolations
            select (violation.Field, violation.Description)];

    /// <summary>INVALID_ARGUMENT for one field.</summary>
    /// <param name="field">Path from the request's root in snake_case: <c>commands[3].book.instrument.strike</c>.</param>
    /// <param name="reason">What is wrong with it.</param>
    public static RpcException InvalidField(string field, string reason) =>
        new(RpcStatus.InvalidArgument, $"{field}: {reason}", new BadRequest
        {
            FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Description = reason } },
        });

    /// <summary>UNAVAILABLE or RESOURCE_EXHAUSTED with the time to wait before the next try.</summary>
    public static RpcException RetryLater(RpcStatus status, string message, TimeSpan retryAfter) =>
        new(status, message, new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) });
}

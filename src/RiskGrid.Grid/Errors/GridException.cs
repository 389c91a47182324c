using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid;

/// <summary>A call failed. Callers see the same type, code, message and details whether the grain lives in this process or behind
/// a wire.</summary>
public abstract class GridException : Exception
{
    private protected GridException(GridErrorCode code, string message, Exception? inner = null)
        : base(message, inner)
    {
        if (code is <= GridErrorCode.None or > GridErrorCode.Unauthenticated)
            throw new ArgumentOutOfRangeException(nameof(code), code, "An exception carries one of gRPC's canonical codes other than OK.");
        Code = code;
    }

    /// <summary>The canonical code.</summary>
    public GridErrorCode Code { get; }
}

/// <summary>An error in the application's own words: what grains throw and callers catch with the same content.</summary>
public sealed class GrainCallException : GridException
{
    /// <summary>With the details that callers need, such as field-level reasons.</summary>
    public GrainCallException(GridErrorCode code, string message, params IEnumerable<IMessage> details)
        : this(code, message, details.Select(d => d as Any ?? Any.Pack(d)).ToArray())
    {
    }

    internal GrainCallException(GridErrorCode code, string message, IReadOnlyList<Any> details)
        : base(code, message) => Details = details;

    /// <summary>What the grain attached.</summary>
    public IReadOnlyList<Any> Details { get; }

    /// <summary>The first detail of a type, or null.</summary>
    public T? Detail<T>()
        where T : class, IMessage<T>, new()
    {
        foreach (var detail in Details)
        {
            if (detail.TryUnpack<T>(out var unpacked))
                return unpacked;
        }

        return null;
    }
}

/// <summary>Nobody can take the call now: the silo stops, or the engine has no connection. Retry as it is.</summary>
public sealed class GrainUnavailableException(string message, Exception? inner = null)
    : GridException(GridErrorCode.Unavailable, message, inner)
{
    /// <summary>At the start of a silo: trying again as it is cannot help, because the engine was refused for good, such as for a wrong
    /// password.</summary>
    public bool IsRefusal { get; init; }
}

/// <summary>The receiver's queue is full and the call was not started. Retry later, and slower.</summary>
public sealed class GrainOverloadedException(string message) : GridException(GridErrorCode.ResourceExhausted, message);

/// <summary>The call's time limit passed before the reply came; it may or may not have been applied.</summary>
public sealed class GrainDeadlineException(string message) : GridException(GridErrorCode.DeadlineExceeded, message);

/// <summary>No silo hosts this kind, or it has no such method or work handler.</summary>
public sealed class GrainNotHostedException(string message) : GridException(GridErrorCode.Unimplemented, message);

/// <summary>A work item was delivered several times and no silo finished it: it ends the silos that take it, or they were ended by something
/// else. It may be handed out again, a bounded number of times.</summary>
public sealed class WorkLostException(string message) : GridException(GridErrorCode.Aborted, message);

/// <summary>The grain threw something other than a <see cref="GridException"/>: a fault of the program, not of the
/// request.</summary>
public sealed class GrainFailedException : GridException
{
    /// <summary>From the type and message on the side where it was thrown; <paramref name="inner"/> only when that side is this
    /// process.</summary>
    public GrainFailedException(string remoteType, string remoteMessage, Exception? inner = null)
        : base(GridErrorCode.Unknown, $"{remoteType}: {remoteMessage}", inner)
    {
        RemoteType = remoteType;
        RemoteMessage = remoteMessage;
    }

    /// <summary>The full name of the exception's type where it was thrown.</summary>
    public string RemoteType { get; }

    /// <summary>Its message.</summary>
    public string RemoteMessage { get; }
}

/// <summary>Thrown by a grain that learns, from its store's epoch, that another activation has taken over. The activation ends as
/// with <see cref="DeactivationReason.OwnershipLost"/>, and the call is delivered again to the new owner; callers never see this
/// exception.</summary>
public sealed class ActivationFencedException(string message, Exception? inner = null) : Exception(message, inner);

namespace RiskGrid.Protocol.Rpc;

/// <summary>How a call ended: the status codes of gRPC, with their numbers on the wire.</summary>
/// <remarks>Source: "Status codes and their use in gRPC", the gRPC project's doc/statuscodes.md.</remarks>
public enum RpcStatus
{
    /// <summary>The call succeeded.</summary>
    Ok = 0,

    /// <summary>The caller gave up.</summary>
    Cancelled = 1,

    /// <summary>A failure of unclear origin.</summary>
    Unknown = 2,

    /// <summary>The request breaks a rule, whatever the state of the system.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed first; the work may have been done.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be created exists.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit is reached: size, rate or number of calls.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state the call needs; do not retry before it changes.</summary>
    FailedPrecondition = 9,

    /// <summary>A conflict with another call; retry from the start.</summary>
    Aborted = 10,

    /// <summary>Past the valid range.</summary>
    OutOfRange = 11,

    /// <summary>The method or encoding is not supported here.</summary>
    Unimplemented = 12,

    /// <summary>The server broke an invariant of its own.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached or cannot answer now; retry with backoff.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or corrupt.</summary>
    DataLoss = 15,

    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}

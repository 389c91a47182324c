namespace RiskGrid.Grid;

/// <summary>Why a call failed. Names and values are gRPC's canonical status codes, so that a front door passes them on as they
/// are.</summary>
public enum GridErrorCode
{
    /// <summary>Not an error; never carried by an exception.</summary>
    None = 0,

    /// <summary>The caller gave up.</summary>
    Cancelled = 1,

    /// <summary>An exception that nobody foresaw.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state.</summary>
    InvalidArgument = 3,

    /// <summary>The time limit passed; the call may or may not have been applied.</summary>
    DeadlineExceeded = 4,

    /// <summary>What the request names does not exist.</summary>
    NotFound = 5,

    /// <summary>What the request creates exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A queue is full: retry later, and slower.</summary>
    ResourceExhausted = 8,

    /// <summary>The state must change first.</summary>
    FailedPrecondition = 9,

    /// <summary>A conflict, such as an outdated version: read again and retry.</summary>
    Aborted = 10,

    /// <summary>Beyond the valid range in this state.</summary>
    OutOfRange = 11,

    /// <summary>No silo knows this kind or method.</summary>
    Unimplemented = 12,

    /// <summary>An invariant is broken.</summary>
    Internal = 13,

    /// <summary>Not now: retry as it is.</summary>
    Unavailable = 14,

    /// <summary>Stored data is gone or damaged.</summary>
    DataLoss = 15,

    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}

using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid;

/// <summary>Exceptions as they cross a wire, and back.</summary>
public static class Faults
{
    /// <summary>What callers are told about an exception that a turn threw; a <see cref="GridException"/> stays as it
    /// is.</summary>
    public static GridException Describe(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception as GridException
            ?? new GrainFailedException(exception.GetType().FullName ?? exception.GetType().Name, exception.Message, exception);
    }

    /// <summary>The wire form.</summary>
    public static Fault ToFault(GridException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var fault = new Fault { Code = (int)exception.Code, Message = exception.Message, Origin = Fault.Types.Origin.Grid };
        switch (exception)
        {
            case GrainCallException call:
                fault.Origin = Fault.Types.Origin.Application;
                fault.Details.AddRange(call.Details);
                break;
            case GrainFailedException failed:
                fault.Origin = Fault.Types.Origin.Unexpected;
                fault.Message = failed.RemoteMessage;
                fault.RemoteType = failed.RemoteType;
                break;
        }

        return fault;
    }

    /// <summary>The exception that a caller sees for a fault. A code that this version does not know reads as an unexpected
    /// exception.</summary>
    public static GridException FromFault(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var code = (GridErrorCode)fault.Code;
        var known = code is > GridErrorCode.None and <= GridErrorCode.Unauthenticated;
        return fault.Origin switch
        {
            Fault.Types.Origin.Application when known => new GrainCallException(code, fault.Message, [.. fault.Details]),
            Fault.Types.Origin.Grid when code == GridErrorCode.Unavailable => new GrainUnavailableException(fault.Message),
            Fault.Types.Origin.Grid when code == GridErrorCode.ResourceExhausted => new GrainOverloadedException(fault.Message),
            Fault.Types.Origin.Grid when code == GridErrorCode.DeadlineExceeded => new GrainDeadlineException(fault.Message),
            Fault.Types.Origin.Grid when code == GridErrorCode.Unimplemented => new GrainNotHostedException(fault.Message),
            Fault.Types.Origin.Grid when code == GridErrorCode.Aborted => new WorkLostException(fault.Message),
            _ => new GrainFailedException(fault.RemoteType, fault.Message),
        };
    }
}

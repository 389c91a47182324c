using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid;

/// <summary>Calls, work and replies as bytes: what every engine that crosses a wire writes and reads.</summary>
public static class Envelopes
{
    /// <summary>The call as it crosses; <paramref name="messageId"/> is unique per call and the same on each retry of
    /// it, <paramref name="now"/> is the sender's time.</summary>
    public static Envelope Write(GrainCall call, string messageId, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new Envelope
        {
            Kind = call.Method.Kind,
            Key = call.Key,
            Method = call.Method.Name,
            Payload = call.Request.ToByteString(),
            MessageId = messageId,
            TimeLeft = (call.Deadline - now)?.ToDuration(),
            TraceParent = call.TraceParent ?? string.Empty,
        };
    }

    /// <summary>The work item as it crosses.</summary>
    public static Work Write(WorkCall work, string messageId)
    {
        ArgumentNullException.ThrowIfNull(work);
        return new Work { Kind = work.Kind, Payload = work.Request.ToByteString(), MessageId = messageId, TraceParent = work.TraceParent ?? string.Empty };
    }

    /// <summary>Gives the sender of a call what came back.</summary>
    public static void Settle(GrainCall call, Reply reply)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (Read(call.Method.ReplyParser, reply, out var message) is { } error)
            call.Fail(error);
        else
            call.Complete(message!);
    }

    /// <summary>Gives the sender of a work item what came back.</summary>
    public static void Settle(WorkCall work, Reply reply)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (Read(work.ReplyParser!, reply, out var message) is { } error)
            work.Fail(error);
        else
            work.Complete(message!);
    }

    private static GridException? Read(MessageParser parser, Reply reply, out IMessage? message)
    {
        message = null;
        switch (reply.OutcomeCase)
        {
            case Reply.OutcomeOneofCase.Payload:
                try
                {
                    message = parser.ParseFrom(reply.Payload);
                    return null;
                }
                catch (InvalidProtocolBufferException exception)
                {
                    return Faults.Describe(exception);
                }

            case Reply.OutcomeOneofCase.Fault:
                return Faults.FromFault(reply.Fault);
            default:
                return Faults.Describe(new InvalidDataException(
                    $"Reply {reply.MessageId} has neither payload nor fault: another version wrote it."));
        }
    }
}

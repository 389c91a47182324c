using System.Buffers;
using NodaTime;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>A batch of one book. What needs no store, encoding above all, is done by the caller before the writer sees it.</summary>
internal sealed class AppendRequest : WriteRequest<IReadOnlyList<AppendResult>>
{
    private readonly AppendBatch _batch;
    private readonly ArrayBufferWriter<byte> _payloads = new();

    // Where each command's terms end in _payloads; a command without terms adds nothing.
    private readonly int[] _payloadEnds;

    /// <exception cref="NotSupportedException">The ledger has no stored form for a command or an instrument.</exception>
    public AppendRequest(AppendBatch batch)
    {
        _batch = batch;
        _payloadEnds = new int[batch.Commands.Count];
        for (var i = 0; i < _payloadEnds.Length; i++)
        {
            if (TermsOf(batch.Commands[i].Command) is { } terms)
                TradeTermsCodec.Encode(terms, _payloads);
            _payloadEnds[i] = _payloads.WrittenCount;
        }
    }

    public override int Weight => Math.Max(1, _payloadEnds.Length);

    protected override IReadOnlyList<AppendResult> Write(WriterSession session)
    {
        var (epoch, sequence) = session.ReadBook(_batch.Book);
        if (epoch != _batch.Epoch || epoch == 0)
            throw new EpochLostException(_batch.Book, _batch.Epoch, epoch);

        var recordedAt = session.NextRecordingTime();
        var results = new AppendResult[_payloadEnds.Length];
        var next = sequence;
        for (var i = 0; i < results.Length; i++)
            results[i] = Apply(session, i, recordedAt, ref next);
        if (next != sequence)
            session.SetSequence(_batch.Book, next);
        return results;
    }

    private static TradeTerms? TermsOf(TradeCommand command) => command switch
    {
        BookCommand booking => booking.Terms,
        AmendCommand amendment => amendment.Terms,
        CancelCommand => null,
        _ => throw new NotSupportedException($"The ledger does not know commands of type {command.GetType().Name}."),
    };

    private AppendResult Apply(WriterSession session, int index, long recordedAt, ref long sequence)
    {
        var (command, requestHash, validAt) = _batch.Commands[index];
        if (session.Trades.FindReply(command.CommandId, requestHash) is { } found)
        {
            if (found.SameRequest)
                return new AppendResult(found.Reply, null);
            var (reusedField, reusedReason) = CommandRules.ReusedCommandId(command.CommandId);
            var reused = new AppendOutcome(null, reusedField, reusedReason);
            return new AppendResult(_batch.EncodeReply(command, reused), reused);
        }

        var stored = session.Trades.FindHead(command.TradeId);
        AppendOutcome outcome;
        if (CommandRules.Refusal(command, _batch.Book, stored?.Head) is { } refusal)
        {
            outcome = new AppendOutcome(null, refusal.Field, refusal.Reason);
        }
        else
        {
            ReadOnlyMemory<byte> payload = command is CancelCommand
                ? session.Trades.ReadPayload(stored!.Value.EventId)
                : _payloads.WrittenMemory[(index == 0 ? 0 : _payloadEnds[index - 1]).._payloadEnds[index]];
            var added = EventOf(session, command, stored?.Head, payload, Instant.FromUnixTimeTicks(recordedAt), validAt, ref sequence);
            session.Trades.Add(added, payload.Span);
            outcome = new AppendOutcome(added, null, null);
        }

        var reply = _batch.EncodeReply(command, outcome);
        session.Trades.AddReply(command.CommandId, requestHash, reply, recordedAt);
        return new AppendResult(reply, outcome);
    }

    private TradeEvent EventOf(
        WriterSession session, TradeCommand command, TradeHead? head, ReadOnlyMemory<byte> payload, Instant recordedAt, Instant? validAt,
        ref long sequence)
    {
        var terms = TermsOf(command) ?? TradeTermsCodec.Decode(payload.Span);
        var kind = command switch
        {
            BookCommand => TradeEventKind.Booked,
            AmendCommand => TradeEventKind.Amended,
            _ => TradeEventKind.Cancelled,
        };
        var trade = new Trade(
            command.TradeId, (head?.Version ?? 0) + 1, terms,
            kind == TradeEventKind.Cancelled ? TradeLifecycle.Cancelled : TradeLifecycle.Live);

        // Stored times have 100 ns: the event answered must be the one that is read back.
        var valid = validAt is { } stated ? Instant.FromUnixTimeTicks(stated.ToUnixTimeTicks()) : recordedAt;
        sequence++;
        return kind == TradeEventKind.Amended && terms.Book != _batch.Book
            ? new TradeEvent(
                kind, trade, terms.Book, session.NextSequence(terms.Book), _batch.Book, sequence, _batch.Epoch, command.CommandId, valid,
                recordedAt, _batch.Author)
            : new TradeEvent(
                kind, trade, _batch.Book, sequence, null, null, _batch.Epoch, command.CommandId, valid, recordedAt, _batch.Author);
    }
}

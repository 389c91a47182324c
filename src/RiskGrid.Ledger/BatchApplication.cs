using System.Buffers;
using NodaTime;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>What the rules need of a store inside the transaction of a batch.</summary>
internal interface IBatchStore
{
    /// <summary>The request and reply stored under a command id; null when the id is new. Sees what this batch has added.</summary>
    (ReadOnlyMemory<byte> RequestHash, byte[] Reply)? FindReply(CommandId id);

    /// <summary>The newest event of a trade; null when its id was never booked. Sees what this batch has added.</summary>
    TradeHead? FindHead(TradeId trade);

    /// <summary>The stored terms of a trade that exists, at a version that it has.</summary>
    ReadOnlyMemory<byte> ReadPayload(TradeId trade, long version);

    /// <summary>The next sequence of a book that a trade moves into.</summary>
    long NextSequence(NodeId book);

    void Add(TradeEvent added, ReadOnlyMemory<byte> payload);

    void AddReply(CommandId id, byte[] requestHash, byte[] reply, Instant recordedAt);
}

/// <summary>A batch of one book and how it is applied, whatever the store. What needs no store, encoding above all, is done beforehand.</summary>
internal sealed class BatchApplication
{
    private readonly AppendBatch _batch;
    private readonly ArrayBufferWriter<byte> _payloads = new();

    // Where each command's terms end in _payloads; a command without terms adds nothing.
    private readonly int[] _payloadEnds;

    /// <exception cref="NotSupportedException">The ledger has no stored form for a command or an instrument.</exception>
    public BatchApplication(AppendBatch batch)
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

    public int Commands => _payloadEnds.Length;

    /// <exception cref="EpochLostException">The book is held by another epoch.</exception>
    public void CheckEpoch(long current)
    {
        if (current != _batch.Epoch || current == 0)
            throw new EpochLostException(_batch.Book, _batch.Epoch, current);
    }

    /// <summary>Applies the commands in order.</summary>
    /// <param name="store">The transaction, in which the epoch was found in force.</param>
    /// <param name="recordedAt">The commit's recording time.</param>
    /// <param name="sequence">The book's sequence, before and after.</param>
    public IReadOnlyList<AppendResult> Apply(IBatchStore store, Instant recordedAt, ref long sequence)
    {
        var results = new AppendResult[_payloadEnds.Length];
        for (var i = 0; i < results.Length; i++)
            results[i] = Apply(store, i, recordedAt, ref sequence);
        return results;
    }

    private static TradeTerms? TermsOf(TradeCommand command) => command switch
    {
        BookCommand booking => booking.Terms,
        AmendCommand amendment => amendment.Terms,
        CancelCommand => null,
        _ => throw new NotSupportedException($"The ledger does not know commands of type {command.GetType().Name}."),
    };

    private AppendResult Apply(IBatchStore store, int index, Instant recordedAt, ref long sequence)
    {
        var (command, requestHash, validAt) = _batch.Commands[index];
        if (store.FindReply(command.CommandId) is { } found)
        {
            if (found.RequestHash.Span.SequenceEqual(requestHash))
                return new AppendResult(found.Reply, null);
            var (reusedField, reusedReason) = CommandRules.ReusedCommandId(command.CommandId);
            var reused = new AppendOutcome(null, reusedField, reusedReason);
            return new AppendResult(_batch.EncodeReply(command, reused), reused);
        }

        var head = store.FindHead(command.TradeId);
        AppendOutcome outcome;
        if (CommandRules.Refusal(command, _batch.Book, head) is { } refusal)
        {
            outcome = new AppendOutcome(null, refusal.Field, refusal.Reason);
        }
        else
        {
            var payload = command is CancelCommand
                ? store.ReadPayload(command.TradeId, head!.Value.Version)
                : _payloads.WrittenMemory[(index == 0 ? 0 : _payloadEnds[index - 1]).._payloadEnds[index]];
            var added = EventOf(store, command, head, payload, recordedAt, validAt, ref sequence);
            store.Add(added, payload);
            outcome = new AppendOutcome(added, null, null);
        }

        var reply = _batch.EncodeReply(command, outcome);
        store.AddReply(command.CommandId, requestHash, reply, recordedAt);
        return new AppendResult(reply, outcome);
    }

    private TradeEvent EventOf(
        IBatchStore store, TradeCommand command, TradeHead? head, ReadOnlyMemory<byte> payload, Instant recordedAt, Instant? validAt,
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
                kind, trade, terms.Book, store.NextSequence(terms.Book), _batch.Book, sequence, _batch.Epoch, command.CommandId, valid,
                recordedAt, _batch.Author)
            : new TradeEvent(
                kind, trade, _batch.Book, sequence, null, null, _batch.Epoch, command.CommandId, valid, recordedAt, _batch.Author);
    }
}

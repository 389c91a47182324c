using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>The durable truth: trade events, command replies, hierarchy versions, market snapshots and runs. One implementation per store, the
/// same tests for all.</summary>
/// <remarks>Every write of a book carries the epoch that the writing activation took; a book whose epoch has moved on refuses the write
/// (<see cref="EpochLostException"/>). This, not the messaging, is the fence that keeps a trade from being applied twice.</remarks>
public partial interface ILedger : IAsyncDisposable
{
    /// <summary>The store's clock, by which events and runs are stamped. Silos whose own clocks disagree agree on this one; it may be set back like
    /// any clock.</summary>
    /// <exception cref="LedgerUnavailableException">The store can't be asked now.</exception>
    Task<Instant> ReadClockAsync(CancellationToken cancellationToken);

    /// <summary>Takes the book's next epoch: all earlier holders are fenced off from now on.</summary>
    Task<long> TakeEpochAsync(NodeId book, CancellationToken cancellationToken);

    /// <summary>Applies a batch of commands of one book in one durable transaction. Each command is applied, refused for a reason, or recognised
    /// as a repetition of one applied before, whose stored reply is returned.</summary>
    /// <remarks>
    /// <para>Rules, in this order: a trade id is booked once, ever (field <c>trade_id</c>); only a live trade can be amended or cancelled
    /// (<c>trade_id</c>), at the version named (<c>expected_version</c>), through the book that holds it (<c>book</c>). Refusals are stored like
    /// any reply. A command id that was used for another request is refused (<c>command_id</c>) and the first reply stays.</para>
    /// <para>Amending into another book moves the trade: one event with a sequence in each book. Only the epoch of the book that it leaves is
    /// checked; the activation of the other book learns of the trade through <see cref="ReadBookEventsAsync"/>, and finds its own next event
    /// one sequence further on.</para>
    /// <para>A cancelled token means that nothing was written; once the transaction has begun the token is not looked at any more.</para>
    /// </remarks>
    /// <exception cref="EpochLostException">Another activation holds the book; nothing was written.</exception>
    /// <exception cref="LedgerUnavailableException">The store failed; nothing was acknowledged.</exception>
    Task<IReadOnlyList<AppendResult>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken);

    /// <summary>The live trades of a book in trade-id order and its sequence, now or as of a past state.</summary>
    Task<BookState> ReadBookAsync(NodeId book, AsOf? asOf, CancellationToken cancellationToken);

    /// <summary>The live trades of a book in trade-id order exactly as they were when <paramref name="sequence"/> was its newest: whatever came
    /// later (amendments, cancellations, moves in and out) has not happened, and valid times are not looked at.</summary>
    /// <remarks>The same book and sequence give the same trades for ever. Reading at the newest sequence costs what
    /// <see cref="ReadBookAsync"/> costs, and for each event since, a little more; reading far back goes through the book's events up to
    /// there.</remarks>
    /// <exception cref="ValidationException"><paramref name="sequence"/> is negative, or the book has not reached it (field <c>sequence</c>).</exception>
    Task<BookState> ReadBookAtAsync(NodeId book, long sequence, CancellationToken cancellationToken);

    /// <summary>The events of a book after a sequence, in sequence order; a trade moved away appears as an event too.</summary>
    Task<IReadOnlyList<TradeEvent>> ReadBookEventsAsync(NodeId book, long afterSequence, CancellationToken cancellationToken);

    /// <summary>All events of a trade in version order; empty when it does not exist.</summary>
    Task<IReadOnlyList<TradeEvent>> ReadTradeAsync(TradeId trade, CancellationToken cancellationToken);

    /// <summary>The sequence of every book that has events.</summary>
    Task<IReadOnlyDictionary<NodeId, long>> ReadPositionAsync(CancellationToken cancellationToken);

    /// <summary>The sequence of every book that has events and the newest hierarchy, both of one moment.</summary>
    Task<LedgerPosition> ReadPositionAndHierarchyAsync(CancellationToken cancellationToken);

    /// <summary>Stores a hierarchy as the next version and returns that version; the newest tree again returns the version it has.</summary>
    /// <param name="hierarchy">The tree.</param>
    /// <param name="expectedVersion">The newest version as the writer knows it, which the tree goes on from; 0 when none was stored.</param>
    /// <param name="cancellationToken">Nothing is written when it comes before the writing begins.</param>
    /// <exception cref="HierarchyChangedException">The newest version is another one and another tree; nothing was written.</exception>
    Task<long> PutHierarchyAsync(Hierarchy hierarchy, long expectedVersion, CancellationToken cancellationToken);

    /// <summary>The newest hierarchy and its version, or null when none was stored.</summary>
    Task<(long Version, Hierarchy Hierarchy)?> ReadHierarchyAsync(CancellationToken cancellationToken);

    /// <summary>The hierarchy of a version, or null when no such version was stored.</summary>
    Task<Hierarchy?> ReadHierarchyAsync(long version, CancellationToken cancellationToken);

    /// <summary>Stores a snapshot under its hash; storing it again changes nothing.</summary>
    Task PutSnapshotAsync(MarketSnapshot snapshot, CancellationToken cancellationToken);

    /// <summary>The snapshot with this hash, or null.</summary>
    Task<MarketSnapshot?> ReadSnapshotAsync(string hash, CancellationToken cancellationToken);

    /// <summary>Keeps the newest state of a market, in the place of the one kept before.</summary>
    /// <param name="market">The id under which the writer took its epoch by <see cref="TakeEpochAsync"/>.</param>
    /// <param name="epoch">That epoch.</param>
    /// <param name="snapshot">The market.</param>
    /// <param name="cancellationToken">Nothing is written when it comes before the writing begins.</param>
    /// <exception cref="EpochLostException">Another activation holds the market; nothing was written.</exception>
    Task KeepMarketAsync(NodeId market, long epoch, MarketSnapshot snapshot, CancellationToken cancellationToken);

    /// <summary>The state of a market that was kept last, or null.</summary>
    Task<MarketSnapshot?> ReadMarketAsync(NodeId market, CancellationToken cancellationToken);

    /// <summary>Stores bytes under their SHA-256 (lower-case hexadecimal) and returns it; storing them again changes nothing.</summary>
    /// <param name="kind">What they are, for people: <c>panel</c>. Not part of the key; that of the first storing stays.</param>
    /// <param name="content">The bytes; not to be changed before the task has ended.</param>
    /// <param name="cancellationToken">Nothing is written when it comes before the writing begins.</param>
    Task<string> PutBlobAsync(string kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Stores bytes under a key of the caller's that follows from what they say, as a history panel's hash does; the same key again
    /// changes nothing, whatever the bytes.</summary>
    /// <param name="kind">What they are, for people: <c>panel</c>.</param>
    /// <param name="key">A SHA-256 in lower-case hexadecimal.</param>
    /// <param name="content">The bytes; not to be changed before the task has ended.</param>
    /// <param name="cancellationToken">Nothing is written when it comes before the writing begins.</param>
    /// <exception cref="ValidationException">The kind is missing, or the key is no such hash.</exception>
    Task PutBlobAsync(string kind, string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The bytes stored under a hash or key, or null.</summary>
    /// <exception cref="LedgerFormatException">They are not what was stored: damaged.</exception>
    Task<byte[]?> ReadBlobAsync(string key, CancellationToken cancellationToken);
}

/// <summary>The commands of one transaction.</summary>
/// <param name="Book">The book whose activation writes; commands that book, amend (also a move away) or cancel trades of this book.</param>
/// <param name="Epoch">The epoch that the writer took.</param>
/// <param name="Author">Who books.</param>
/// <param name="Commands">In the order of application.</param>
/// <param name="EncodeReply">Makes the reply that is stored with a command and returned to every repetition of it. Called inside the
/// transaction, on the store's thread, and once more when the transaction is repeated: it must follow from its arguments alone, be quick, and
/// never call the ledger. What it throws fails its batch.</param>
public sealed record AppendBatch(
    NodeId Book, long Epoch, string Author, IReadOnlyList<LedgerCommand> Commands, Func<TradeCommand, AppendOutcome, byte[]> EncodeReply);

/// <summary>A command and the hash of the request that carried it.</summary>
/// <param name="Command">What to apply.</param>
/// <param name="RequestHash">SHA-256 of the command's canonical bytes; the same command id with another hash is refused.</param>
/// <param name="ValidAt">From when the event counts in the business's own time, kept to 100 ns; the recording time when null.</param>
public sealed record LedgerCommand(TradeCommand Command, byte[] RequestHash, Instant? ValidAt = null);

/// <summary>What became of a command the first time.</summary>
/// <param name="Event">The event, or null when the command was refused.</param>
/// <param name="Field">The field that broke a rule, in snake_case; null when applied.</param>
/// <param name="Reason">Why it was refused; null when applied.</param>
public sealed record AppendOutcome(TradeEvent? Event, string? Field, string? Reason);

/// <summary>The answer to one command of a batch.</summary>
/// <param name="Reply">The stored reply bytes.</param>
/// <param name="Outcome">What this transaction did; null when the command is a repetition and nothing was done.</param>
public sealed record AppendResult(byte[] Reply, AppendOutcome? Outcome);

/// <summary>The kinds of trade event.</summary>
public enum TradeEventKind
{
    /// <summary>Version 1.</summary>
    Booked = 1,

    /// <summary>New terms, in the same book or another.</summary>
    Amended = 2,

    /// <summary>Off the book.</summary>
    Cancelled = 3,
}

/// <summary>One row of the truth.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Trade">The trade after the event.</param>
/// <param name="Book">The book that holds the trade after the event (for a cancellation: that held it).</param>
/// <param name="BookSequence">The event's sequence in that book.</param>
/// <param name="FromBook">For a move: the book it left; otherwise null.</param>
/// <param name="FromBookSequence">For a move: the event's sequence in the book it left.</param>
/// <param name="Epoch">The writer's epoch.</param>
/// <param name="CommandId">The command that caused it.</param>
/// <param name="ValidAt">From when the event counts in the business's own time; the recording time unless the writer states another.</param>
/// <param name="RecordedAt">By the store's clock; never decreases from one event to the next.</param>
/// <param name="Author">Who did it.</param>
public sealed record TradeEvent(
    TradeEventKind Kind, Trade Trade, NodeId Book, long BookSequence, NodeId? FromBook, long? FromBookSequence, long Epoch,
    CommandId CommandId, Instant ValidAt, Instant RecordedAt, string Author);

/// <summary>A point in both times: what was recorded by then, of what is valid by then.</summary>
/// <remarks>A trade's state is its highest version among the events with both times at or before the point: an amendment that is recorded
/// later for an earlier time counts from that time on, over what was recorded before it. No two commits share a recording time, so reading as
/// of an event's own recording time gives the same for ever.</remarks>
public readonly record struct AsOf(Instant RecordedAt, Instant ValidAt);

/// <summary>A book's live trades and the sequence of its last event (as of a past state: its last event recorded by then).</summary>
public sealed record BookState(NodeId Book, long Sequence, IReadOnlyList<Trade> Trades);

/// <summary>What the whole ledger held at one moment.</summary>
/// <param name="Sequences">The sequence of every book that has events.</param>
/// <param name="HierarchyVersion">The newest hierarchy's version; 0 when none was stored.</param>
/// <param name="Hierarchy">The newest hierarchy, or null.</param>
public sealed record LedgerPosition(IReadOnlyDictionary<NodeId, long> Sequences, long HierarchyVersion, Hierarchy? Hierarchy);

using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Postgres;

/// <summary>What a batch meets in the store, read up front in one round trip, and what it adds, gathered for one round trip back.</summary>
internal sealed class BatchView : IBatchStore
{
    private readonly Dictionary<CommandId, (ReadOnlyMemory<byte> RequestHash, byte[] Reply)> _replies = [];
    private readonly Dictionary<TradeId, TradeHead> _heads = [];
    private readonly Dictionary<TradeId, ReadOnlyMemory<byte>> _payloads = [];

    // Where each touched trade was live before the batch; null when it was not.
    private readonly Dictionary<TradeId, NodeId?> _liveBefore = [];

    /// <summary>The sequences of the books that the batch may write to.</summary>
    public Dictionary<NodeId, long> Sequences { get; } = [];

    public List<(TradeEvent Event, ReadOnlyMemory<byte> Payload)> Events { get; } = [];

    public List<(CommandId Id, byte[] RequestHash, byte[] Reply)> Replies { get; } = [];

    public Instant RecordedAt { get; private set; }

    public void Load(CommandId id, byte[] requestHash, byte[] reply) => _replies.Add(id, (requestHash, reply));

    public void Load(TradeId trade, TradeHead head, byte[]? payload)
    {
        _heads.Add(trade, head);
        if (payload is not null)
            _payloads.Add(trade, payload);
    }

    public (ReadOnlyMemory<byte> RequestHash, byte[] Reply)? FindReply(CommandId id) => _replies.TryGetValue(id, out var found) ? found : null;

    public TradeHead? FindHead(TradeId trade) => _heads.TryGetValue(trade, out var head) ? head : null;

    public ReadOnlyMemory<byte> ReadPayload(TradeId trade, long version) => _payloads[trade];

    public long NextSequence(NodeId book) => ++Sequences[book];

    public void Add(TradeEvent added, ReadOnlyMemory<byte> payload)
    {
        var trade = added.Trade.Id;
        _liveBefore.TryAdd(trade, FindHead(trade) is { Kind: not TradeEventKind.Cancelled } live ? live.Book : null);
        _heads[trade] = new TradeHead(added.Trade.Version, added.Kind, added.Book);
        _payloads[trade] = payload;
        Events.Add((added, payload));
    }

    public void AddReply(CommandId id, byte[] requestHash, byte[] reply, Instant recordedAt)
    {
        RecordedAt = recordedAt;
        _replies.Add(id, (requestHash, reply));
        Replies.Add((id, requestHash, reply));
    }

    /// <summary>The live trades that the batch leaves at another version or in another book.</summary>
    public IEnumerable<(NodeId Book, TradeId Trade, long Version)> Live() =>
        _liveBefore.Keys.Select(trade => (_heads[trade].Book, trade, _heads[trade].Version, _heads[trade].Kind))
            .Where(t => t.Kind != TradeEventKind.Cancelled).Select(t => (t.Book, t.trade, t.Version));

    /// <summary>The trades that the batch takes off a book.</summary>
    public IEnumerable<(NodeId Book, TradeId Trade)> Gone()
    {
        foreach (var (trade, before) in _liveBefore)
        {
            if (before is { } book && (_heads[trade].Kind == TradeEventKind.Cancelled || _heads[trade].Book != book))
                yield return (book, trade);
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using RiskGrid.Compute;
using RiskGrid.Ledger.Cache;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Grains.Runs;

/// <summary>The sheets of books by content hash, between the silos that work on a run: one reads the trades from the ledger, the others from
/// the cache. A sheet that is read has its hash, so it prices to the same bits. Thread-safe.</summary>
/// <remarks>Kept as the trades: format byte, then per trade id and terms (<see cref="TradeTermsCodec"/>), each behind its length (int32,
/// little-endian). Versions do not count for a sheet; every trade is read as version 1.</remarks>
internal sealed class SheetCache(ICache cache, ComputePool pool)
{
    private const byte Format = 1;

    // Of the last few hashes that were put: a run every minute puts its sheets once.
    private const int MostRemembered = 4096;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _put = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>The sheet with a hash, or null when the cache has none that is right.</summary>
    public async Task<Sheet?> FindAsync(NodeId book, string hash, CancellationToken cancellationToken)
    {
        if (!cache.IsUsable)
            return null;
        var content = await cache.GetAsync(Key(hash), cancellationToken).ConfigureAwait(false);
        return content is null
            ? CachedValue.Read<Sheet>(cache, "sheet", null, _ => null)
            : await pool.RunAsync(ComputePriority.Run, () => CachedValue.Read(cache, "sheet", content, c => Decode(book, hash, c)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps a sheet that was read from the ledger; costs something, so it belongs on the compute pool.</summary>
    /// <param name="sheet">The sheet.</param>
    /// <param name="trades">What it was built from.</param>
    public void Keep(Sheet sheet, IReadOnlyList<Trade> trades)
    {
        if (!cache.IsUsable || sheet.Count == 0 || !Remember(sheet.Hash))
            return;
        var buffer = new ArrayBufferWriter<byte>(1 + (trades.Count * 300));
        buffer.Write([Format]);
        foreach (var trade in trades.Where(t => t.Lifecycle == TradeLifecycle.Live))
        {
            Write(buffer, Encoding.UTF8.GetBytes(trade.Id.Value));
            Write(buffer, TradeTermsCodec.Encode(trade.Terms));
        }

        cache.Put(Key(sheet.Hash), buffer.WrittenSpan.ToArray(), CachedLedger.Expiry);
    }

    private static string Key(string hash) => $"sheet:{hash}";

    private static Sheet? Decode(NodeId book, string hash, ReadOnlySpan<byte> content)
    {
        if (content[0] != Format)
            return null;
        var rest = content[1..];
        var trades = new List<Trade>();
        while (!rest.IsEmpty)
        {
            var id = TradeId.Parse(Encoding.UTF8.GetString(Read(ref rest)));
            trades.Add(new Trade(id, 1, TradeTermsCodec.Decode(Read(ref rest)), TradeLifecycle.Live));
        }

        var sheet = Sheet.Build(book, trades);
        return string.Equals(sheet.Hash, hash, StringComparison.Ordinal) ? sheet : null;
    }

    private static void Write(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(sizeof(int)), part.Length);
        buffer.Advance(sizeof(int));
        buffer.Write(part);
    }

    private static ReadOnlySpan<byte> Read(ref ReadOnlySpan<byte> rest)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        var part = rest.Slice(sizeof(int), length);
        rest = rest[(sizeof(int) + length)..];
        return part;
    }

    private bool Remember(string hash)
    {
        lock (_lock)
        {
            if (!_put.Add(hash))
                return false;
            _order.Enqueue(hash);
            if (_order.Count > MostRemembered)
                _put.Remove(_order.Dequeue());
            return true;
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace RiskGrid.Model;

/// <summary>An immutable, content-hashed set of quotes plus the valuation instant. No number ever reads the wall clock: time moves
/// only by a new snapshot.</summary>
/// <remarks>Instants are kept in steps of 100 nanoseconds, as every store and the wire keep them; finer parts are cut.</remarks>
public sealed class MarketSnapshot
{
    private const int HashedAtOnce = 1 << 14;

    private readonly Lazy<string> _hash;

    /// <summary>Creates a snapshot.</summary>
    /// <exception cref="ValidationException">A value is not finite, a status is missing, or a factor has two quotes.</exception>
    public MarketSnapshot(Instant valuation, IEnumerable<KeyValuePair<FactorName, Quote>> quotes)
    {
        Valuation = Kept(valuation);
        Quotes = new QuoteSet(quotes.Select(q => KeyValuePair.Create(q.Key, q.Value with { AsOf = Kept(q.Value.AsOf) })));
        foreach (var (factor, quote) in Quotes)
        {
            if (!double.IsFinite(quote.Value))
                throw new ValidationException("value", $"{factor} must be a finite number");
            if (!quote.Exists)
                throw new ValidationException("status", $"{factor} has no status");
        }

        _hash = new Lazy<string>(ComputeHash);
    }

    /// <summary>The instant at which everything is valued.</summary>
    public Instant Valuation { get; }

    /// <summary>The quotes in factor order.</summary>
    public QuoteSet Quotes { get; }

    /// <summary>SHA-256 over valuation instant, names, value bits, as-of times and statuses in factor order;
    /// lower-case hexadecimal.</summary>
    public string Hash => _hash.Value;

    private static Instant Kept(Instant instant) => Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks());

    private string ComputeHash()
    {
        var content = new ArrayBufferWriter<byte>(HashedAtOnce);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(content, Valuation);
        foreach (var (factor, quote) in Quotes)
        {
            Append(content, factor.Value);
            Append(content, BitConverter.DoubleToInt64Bits(quote.Value));
            Append(content, quote.AsOf);
            Append(content, quote.Status);
            if (content.WrittenCount < HashedAtOnce / 2)
                continue;
            sha.AppendData(content.WrittenSpan);
            content.ResetWrittenCount();
        }

        sha.AppendData(content.WrittenSpan);
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    private static void Append(ArrayBufferWriter<byte> content, Instant instant)
    {
        var since = instant - NodaConstants.UnixEpoch;
        Append(content, since.Days);
        Append(content, since.NanosecondOfDay);
    }

    private static void Append(ArrayBufferWriter<byte> content, long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(content.GetSpan(sizeof(long)), number);
        content.Advance(sizeof(long));
    }

    private static void Append(ArrayBufferWriter<byte> content, string text)
    {
        Encoding.UTF8.GetBytes(text, content);
        content.GetSpan(1)[0] = 0;
        content.Advance(1);
    }
}

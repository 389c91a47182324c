using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace RiskGrid.Model;

/// <summary>An immutable, content-hashed set of quotes plus the valuation instant. No number ever reads the wall clock: time moves
/// only by a new snapshot.</summary>
/// <remarks>Instants are kept in steps of 100 nanoseconds, as every store and the wire keep them; finer parts are cut.</remarks>
public sealed class MarketSnapshot
{
    private readonly Lazy<string> _hash;

    /// <summary>Creates a snapshot.</summary>
    /// <exception cref="ValidationException">A value is not finite, a status is missing, or a factor has two quotes.</exception>
    public MarketSnapshot(Instant valuation, IEnumerable<KeyValuePair<FactorName, Quote>> quotes)
    {
        Valuation = Kept(valuation);
        var byFactor = ImmutableSortedDictionary.CreateBuilder<FactorName, Quote>();
        foreach (var (factor, quote) in quotes)
        {
            if (!byFactor.TryAdd(factor, quote with { AsOf = Kept(quote.AsOf) }))
                throw new ValidationException("factor", $"{factor} has two quotes");
        }

        Quotes = byFactor.ToImmutable();
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
    public ImmutableSortedDictionary<FactorName, Quote> Quotes { get; }

    /// <summary>SHA-256 over valuation instant, names, value bits, as-of times and statuses in factor order;
    /// lower-case hexadecimal.</summary>
    public string Hash => _hash.Value;

    private static Instant Kept(Instant instant) => Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks());

    private string ComputeHash()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        void Append(Span<byte> buffer, long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(buffer, value);
            sha.AppendData(buffer);
        }

        void AppendInstant(Span<byte> buffer, Instant instant)
        {
            var since = instant - NodaConstants.UnixEpoch;
            Append(buffer, since.Days);
            Append(buffer, since.NanosecondOfDay);
        }

        AppendInstant(number, Valuation);
        foreach (var (factor, quote) in Quotes)
        {
            sha.AppendData(Encoding.UTF8.GetBytes(factor.Value));
            sha.AppendData([0]);
            Append(number, BitConverter.DoubleToInt64Bits(quote.Value));
            AppendInstant(number, quote.AsOf);
            sha.AppendData(Encoding.UTF8.GetBytes(quote.Status));
            sha.AppendData([0]);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}

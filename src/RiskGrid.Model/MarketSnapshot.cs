using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace RiskGrid.Model;

/// <summary>An immutable, content-hashed set of quotes plus the valuation instant. No number ever reads the wall clock: time moves
/// only by a new snapshot.</summary>
public sealed class MarketSnapshot
{
    private readonly Lazy<string> _hash;

    /// <summary>Creates a snapshot.</summary>
    /// <exception cref="ValidationException">A value is not finite or a status is missing.</exception>
    public MarketSnapshot(Instant valuation, IEnumerable<KeyValuePair<FactorName, Quote>> quotes)
    {
        Valuation = valuation;
        Quotes = quotes.ToImmutableSortedDictionary();
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

    /// <summary>SHA-256 over valuation instant, names, value bits, as-of times and statuses in factor order; lower-case hexadecimal.</summary>
    public string Hash => _hash.Value;

    private string ComputeHash()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        void Append(Span<byte> buffer, long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(buffer, value);
            sha.AppendData(buffer);
        }

        Append(number, Valuation.ToUnixTimeTicks());
        foreach (var (factor, quote) in Quotes)
        {
            sha.AppendData(Encoding.UTF8.GetBytes(factor.Value));
            sha.AppendData([0]);
            Append(number, BitConverter.DoubleToInt64Bits(quote.Value));
            Append(number, quote.AsOf.ToUnixTimeTicks());
            sha.AppendData(Encoding.UTF8.GetBytes(quote.Status));
            sha.AppendData([0]);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}

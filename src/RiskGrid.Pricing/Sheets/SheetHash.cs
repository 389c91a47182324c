using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>The content hash of a sheet. Text is UTF-8 with its byte length before it, numbers are little-endian, doubles by their bits:
/// no two contents share a byte stream.</summary>
internal static class SheetHash
{
    public static string Compute(NodeId book, ReadOnlySpan<Trade> trades)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var writer = new Writer(sha);
        writer.Text("riskgrid.sheet");
        writer.Number(Sheet.LayoutVersion);
        writer.Text(book.Value);
        writer.Number(trades.Length);
        foreach (var trade in trades)
        {
            var option = (EuropeanOption)trade.Terms.Instrument;
            writer.Text(trade.Id.Value);
            writer.Number(BitConverter.DoubleToInt64Bits(trade.Terms.Quantity));
            writer.Text("european");
            writer.Text(option.Root);
            writer.Text(option.Underlying.Value);
            writer.Text(option.ZeroCurve);
            writer.Number((long)option.Type);
            writer.Number(BitConverter.DoubleToInt64Bits(option.Strike));
            writer.Number((option.Expiry.Year * 10_000L) + (option.Expiry.Month * 100L) + option.Expiry.Day);
            writer.Number(option.Expiry.NanosecondOfDay);
            writer.Text(option.Currency.Code);
            writer.Number(BitConverter.DoubleToInt64Bits(option.Multiplier));
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    private readonly struct Writer(IncrementalHash sha)
    {
        private readonly byte[] _buffer = new byte[256];

        public void Number(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_buffer, value);
            sha.AppendData(_buffer.AsSpan(0, 8));
        }

        // Identifiers are at most 64 ASCII characters.
        public void Text(string text)
        {
            var length = Encoding.UTF8.GetBytes(text, _buffer.AsSpan(8));
            BinaryPrimitives.WriteInt64LittleEndian(_buffer, length);
            sha.AppendData(_buffer.AsSpan(0, 8 + length));
        }
    }
}

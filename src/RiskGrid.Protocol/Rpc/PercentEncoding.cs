using System.Buffers;
using System.Text;

namespace RiskGrid.Protocol.Rpc;

/// <summary>Percent-encoding of the trailer <c>grpc-message</c>: UTF-8, where all but printable ASCII and the percent sign itself is escaped.</summary>
/// <remarks>Source: "gRPC over HTTP2", the gRPC project's doc/PROTOCOL-HTTP2.md, Percent-Encoded.</remarks>
public static class PercentEncoding
{
    private static readonly SearchValues<char> Verbatim =
        SearchValues.Create(string.Concat(Enumerable.Range(0x20, 0x5F).Select(code => (char)code).Where(character => character != '%')));

    /// <summary>Text that is safe as a header value.</summary>
    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Verbatim))
            return text;
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            if (Verbatim.Contains((char)unit))
                encoded.Append((char)unit);
            else
                encoded.Append('%').Append(unit.ToString("X2"));
        }

        return encoded.ToString();
    }

    /// <summary>The text; a malformed escape is kept as it stands, so that no message is lost.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        var units = new ArrayBufferWriter<byte>(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '%' && index + 2 < text.Length
                && char.IsAsciiHexDigit(text[index + 1]) && char.IsAsciiHexDigit(text[index + 2]))
            {
                units.Write([Convert.ToByte(text.Substring(index + 1, 2), 16)]);
                index += 2;
            }
            else
            {
                Encoding.UTF8.GetBytes(text.AsSpan(index, 1), units);
            }
        }

        return Encoding.UTF8.GetString(units.WrittenSpan);
    }
}

namespace RiskGrid.Protocol.Rpc;

/// <summary>Base64 of header values whose name ends in <c>-bin</c>: sent without padding, read with or without.</summary>
public static class BinaryHeader
{
    /// <summary>Unpadded standard base64.</summary>
    public static string Encode(ReadOnlySpan<byte> value) => Convert.ToBase64String(value).TrimEnd('=');

    /// <summary>Reads standard base64 with or without padding; false when it is neither.</summary>
    public static bool TryDecode(string text, out byte[] value)
    {
        var trimmed = text.Trim().TrimEnd('=');
        var padded = trimmed.PadRight((trimmed.Length + 3) / 4 * 4, '=');
        var buffer = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64String(padded, buffer, out var written))
        {
            value = [];
            return false;
        }

        value = buffer.AsSpan(0, written).ToArray();
        return true;
    }
}

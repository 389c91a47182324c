using System.Collections;

namespace RiskGrid.Protocol.Rpc;

/// <summary>Headers or trailers of a call: an ordered list of names and values, where a name may occur again. Names are lower-case; those
/// that end in <c>-bin</c> carry bytes, all others printable ASCII. Not thread-safe.</summary>
public sealed class RpcMetadata : IReadOnlyCollection<RpcMetadata.Entry>
{
    private static readonly string[] Reserved =
        ["content-type", "content-length", "content-encoding", "accept-encoding", "te", "host", "user-agent", "connection",
         "transfer-encoding", "trailer", "date", "server", "accept", "keep-alive", "upgrade", "expect"];

    private readonly List<Entry> _entries = [];

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>The last value under a text name, or null.</summary>
    public string? this[string name] => _entries.FindLast(entry => Matches(entry, name)).Text;

    /// <summary>Whether a header belongs to the protocol and is therefore no metadata of the application.</summary>
    public static bool IsReserved(string name) =>
        name.StartsWith(':') || name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("connect-", StringComparison.OrdinalIgnoreCase)
        || Reserved.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Appends a text value.</summary>
    /// <exception cref="ArgumentException">The name is reserved, not a header name, or ends in <c>-bin</c>; or the value is not printable ASCII.</exception>
    public void Add(string name, string value)
    {
        var lower = CheckName(name, binary: false);
        if (value.Any(character => character is < ' ' or > '~'))
            throw new ArgumentException($"the value of {lower} must be printable ASCII: put other text under a name that ends in -bin", nameof(value));
        _entries.Add(new Entry(lower, value, null));
    }

    /// <summary>Appends a binary value.</summary>
    /// <exception cref="ArgumentException">The name is reserved, not a header name, or does not end in <c>-bin</c>.</exception>
    public void Add(string name, ReadOnlySpan<byte> value) => _entries.Add(new Entry(CheckName(name, binary: true), null, value.ToArray()));

    /// <summary>Appends what came over the wire; reserved names and malformed base64 are left out. Values joined by commas under a binary
    /// name are split, as the protocol allows a peer to join them.</summary>
    public void AddReceived(string name, string value)
    {
        var lower = name.ToLowerInvariant();
        if (IsReserved(lower))
            return;
        if (!lower.EndsWith("-bin", StringComparison.Ordinal))
        {
            _entries.Add(new Entry(lower, value, null));
            return;
        }

        foreach (var part in value.Split(','))
            if (BinaryHeader.TryDecode(part, out var bytes))
                _entries.Add(new Entry(lower, null, bytes));
    }

    /// <summary>All values under a text name, in order.</summary>
    public IEnumerable<string> GetAll(string name) => from entry in _entries where Matches(entry, name) && !entry.IsBinary select entry.Text!;

    /// <summary>The last value under a binary name, or null.</summary>
    public byte[]? GetBytes(string name) => _entries.FindLast(entry => Matches(entry, name)).Bytes;

    /// <inheritdoc/>
    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool Matches(Entry entry, string name) => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase);

    private static string CheckName(string name, bool binary)
    {
        var lower = name.ToLowerInvariant();
        if (lower.Length == 0 || !lower.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '_' or '.'))
            throw new ArgumentException($"'{name}' is no metadata name: use a-z, 0-9, '-', '_' and '.'", nameof(name));
        if (IsReserved(lower))
            throw new ArgumentException($"'{name}' is reserved for the protocol", nameof(name));
        if (lower.EndsWith("-bin", StringComparison.Ordinal) != binary)
            throw new ArgumentException(binary ? $"'{name}' must end in -bin to carry bytes" : $"'{name}' ends in -bin: give bytes", nameof(name));
        return lower;
    }

    /// <summary>One header: text or bytes.</summary>
    /// <param name="Name">Lower-case.</param>
    /// <param name="Text">The value of a text header, else null.</param>
    /// <param name="Bytes">The value of a binary header, else null.</param>
    public readonly record struct Entry(string Name, string? Text, byte[]? Bytes)
    {
        /// <summary>Whether the value is bytes.</summary>
        public bool IsBinary => Bytes is not null;

        /// <summary>The value as a header carries it.</summary>
        public string WireValue => Bytes is { } bytes ? BinaryHeader.Encode(bytes) : Text ?? "";
    }
}

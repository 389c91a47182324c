using System.Buffers;
using System.Globalization;
using System.Text;

namespace RiskGrid.Client.TradeFiles;

/// <summary>Writes quarantined lines as CSV with the columns <c>line,field,reason,raw</c>, in UTF-8 with LF.</summary>
/// <remarks>Every field but the first is quoted; in <c>raw</c> control characters are written as <c>\xNN</c> and a backslash as <c>\\</c>, so
/// that one entry is one line. Not thread-safe.</remarks>
public sealed class QuarantineReport : IAsyncDisposable
{
    private const string Header = "line,field,reason,raw\n";

    private static readonly SearchValues<char> Special = SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(i => (char)i).Where(char.IsControl), '"', '\\']);

    private readonly StreamWriter _writer;
    private readonly StringBuilder _line = new(Header);

    /// <summary>Begins a report.</summary>
    /// <param name="stream">Where to write; left open.</param>
    public QuarantineReport(Stream stream) => _writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);

    /// <summary>Entries written.</summary>
    public long Count { get; private set; }

    /// <summary>Adds an entry.</summary>
    public async Task WriteAsync(QuarantinedRow row, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(row);
        _line.Append(CultureInfo.InvariantCulture, $"{row.Line},");
        Quote(row.Field);
        _line.Append(',');
        Quote(row.Reason);
        _line.Append(',');
        Quote(row.Raw);
        _line.Append('\n');
        await FlushLineAsync(cancellationToken).ConfigureAwait(false);
        Count++;
    }

    /// <summary>Writes what is pending; a report without entries is its header.</summary>
    public async ValueTask DisposeAsync()
    {
        await FlushLineAsync(CancellationToken.None).ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task FlushLineAsync(CancellationToken cancellationToken)
    {
        await _writer.WriteAsync(_line, cancellationToken).ConfigureAwait(false);
        _line.Clear();
    }

    private void Quote(string text)
    {
        _line.Append('"');
        foreach (var c in text)
        {
            if (!Special.Contains(c))
                _line.Append(c);
            else if (c == '"')
                _line.Append("\"\"");
            else if (c == '\\')
                _line.Append(@"\\");
            else
                _line.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}");
        }

        _line.Append('"');
    }
}

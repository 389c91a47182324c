using System.Runtime.CompilerServices;
using System.Text.Unicode;
using NodaTime;

namespace RiskGrid.Client.TradeFiles;

/// <summary>Reads trades from CSV, plain or gzipped: good lines become commands, bad ones are set aside with a reason, and nothing a file
/// holds stops the reading.</summary>
/// <remarks>
/// <para>UTF-8, with or without byte order mark; fields separated by commas, quoted with <c>"</c> where they hold a comma (a quote inside is
/// doubled). One line is one trade: a quote that is not closed ends with its line, so that a stray quote spoils one line and not the rest of
/// the file. The first line names the columns of <see cref="Columns"/>, in any order. Blank lines are passed over.</para>
/// <para>Memory is bounded whatever the file holds, but for the ids of its good lines: a line of more than <see cref="LineLimit"/> bytes is
/// set aside unread.</para>
/// </remarks>
public static class TradeFile
{
    /// <summary>The most bytes in a line.</summary>
    public const int LineLimit = 65_536;

    /// <summary>The "field" of a fault that is not one column's.</summary>
    public const string WholeLine = "line";

    private const byte GzipFirst = 0x1F;
    private const byte GzipSecond = 0x8B;

    /// <summary>The columns, all of them required. <c>type</c> is <c>european_option</c>; <c>expiry_date</c> and <c>expiry_time</c> are civil
    /// time in New York; <c>counterparty</c> may be empty, nothing else may.</summary>
    public static IReadOnlyList<string> Columns => ColumnNames;

    internal static string[] ColumnNames { get; } =
    [
        "trade_id", "book", "type", "root", "underlying", "zero_curve", "option_type", "strike", "expiry_date", "expiry_time", "currency",
        "multiplier", "quantity", "counterparty",
    ];

    /// <summary>Reads a file line by line.</summary>
    /// <param name="stream">The file, plain or gzipped; read from where it stands to its end, and left open.</param>
    /// <param name="sourceName">What to call it in messages.</param>
    /// <param name="valuation">Trades that expired before this instant are set aside.</param>
    /// <param name="cancellationToken">Stops between two lines.</param>
    /// <returns>A <see cref="TradeRow"/> or a <see cref="QuarantinedRow"/> per line, in the order of the file. A stream that breaks off (a
    /// damaged or incomplete gzip file) ends with a <see cref="QuarantinedRow"/> that says so.</returns>
    /// <exception cref="TradeFileException">The file has no usable header.</exception>
    public static async IAsyncEnumerable<TradeFileRow> ReadAsync(
        Stream stream, string sourceName, Instant valuation, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(sourceName);
        var unpacked = await UnpackAsync(stream, cancellationToken).ConfigureAwait(false);
        await using var closing = unpacked.ConfigureAwait(false);
        var lines = new LineReader(unpacked, LineLimit);
        if (!await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
            throw new TradeFileException(sourceName, 1, lines.Failure ?? "the file is empty; it must begin with the column names");
        var parser = new TradeRowParser(sourceName, Header(sourceName, lines), valuation);
        while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (lines.IsTooLong)
                yield return parser.Quarantine(lines, WholeLine, $"the line has {lines.Length:N0} bytes, at most {LineLimit:N0} are read");
            else if (!IsBlank(lines.Bytes.Span))
                yield return parser.Parse(lines);
        }

        if (lines.Failure is { } failure)
            yield return parser.Quarantine(lines, WholeLine, $"{failure}; this line and what follows it are not read");
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0;

    /// <summary>The stream itself, or what its gzip holds; closing it leaves the stream open.</summary>
    private static async Task<Stream> UnpackAsync(Stream stream, CancellationToken cancellationToken)
    {
        var start = new byte[2];
        var length = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var read = start.AsMemory(0, length);
        return length == 2 && start[0] == GzipFirst && start[1] == GzipSecond
            ? new WholeGzipStream(read, stream)
            : new FramedStream(read, stream, default);
    }

    /// <summary>Where in a line each of <see cref="Columns"/> stands.</summary>
    private static int[] Header(string sourceName, LineReader lines)
    {
        var line = lines.Bytes.Span;
        if (line.StartsWith("\uFEFF"u8))
            line = line["\uFEFF"u8.Length..];
        var fields = new CsvFields();
        if (lines.IsTooLong || !Utf8.IsValid(line) || !fields.TrySplit(line, out _))
        {
            throw new TradeFileException(
                sourceName, lines.Number, $"this is not the first line of a CSV file in UTF-8; it must be: {string.Join(',', Columns)}");
        }

        var positions = new int[Columns.Count];
        Array.Fill(positions, -1);
        for (var i = 0; i < fields.Count; i++)
        {
            var column = Array.IndexOf(ColumnNames, fields[i]);
            if (column < 0)
                throw new TradeFileException(sourceName, lines.Number, $"'{Shown(fields[i])}' is not a column; the columns are {string.Join(',', Columns)}");
            if (positions[column] >= 0)
                throw new TradeFileException(sourceName, lines.Number, $"column {fields[i]} is there twice");
            positions[column] = i;
        }

        var missing = Columns.Where((_, i) => positions[i] < 0).ToList();
        return missing.Count == 0
            ? positions
            : throw new TradeFileException(sourceName, lines.Number, $"missing columns: {string.Join(',', missing)}");
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

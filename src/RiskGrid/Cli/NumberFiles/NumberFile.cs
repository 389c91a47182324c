using System.Globalization;
using RiskGrid.Client.TradeFiles;

namespace RiskGrid.Cli.NumberFiles;

/// <summary>A small CSV of numbers (RFC 4180, one header row, UTF-8). What is wrong with it is said with line, field and reason.</summary>
internal sealed class NumberFile
{
    private readonly string _path;

    private NumberFile(string path, IReadOnlyList<string> columns, IReadOnlyList<Row> rows) => (_path, Columns, Rows) = (path, columns, rows);

    /// <summary>The names in the header.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The rows below it, at least one.</summary>
    public IReadOnlyList<Row> Rows { get; }

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="textColumns">How many columns come before the numbers.</param>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static NumberFile Read(string path, int textColumns)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        bytes = bytes.TrimEnd(" \t\r\n"u8);
        var fields = new CsvFields();
        string[]? columns = null;
        var rows = new List<Row>();
        for (var line = 1; !bytes.IsEmpty; line++)
        {
            var end = bytes.IndexOf((byte)'\n');
            var text = (end < 0 ? bytes : bytes[..end]).TrimEnd((byte)'\r');
            bytes = end < 0 ? default : bytes[(end + 1)..];
            if (!fields.TrySplit(text, out var fault))
                throw Refusal(path, line, columns is not null && fields.Count < columns.Length ? columns[fields.Count] : "row", fault!);
            if (columns is null)
                columns = Header(path, fields, textColumns);
            else
                rows.Add(ReadRow(path, line, columns, textColumns, fields));
        }

        if (columns is null)
            throw new InvalidDataException($"{path} is empty; it needs a header with the names of its columns, and rows of numbers");
        return rows.Count > 0 ? new NumberFile(path, columns, rows) : throw new InvalidDataException($"{path} has a header and no rows");
    }

    /// <summary>A column of numbers, from the first that is not text on.</summary>
    public double[] Numbers(int column) => [.. Rows.Select(r => r.Numbers[column])];

    /// <summary>The refusal of one field of a row.</summary>
    public InvalidDataException Refusal(Row row, string field, string reason) => Refusal(_path, row.Line, field, reason);

    private static InvalidDataException Refusal(string path, int line, string field, string reason) => new($"{path}, line {line}, {field}: {reason}");

    private static string[] Header(string path, CsvFields fields, int textColumns)
    {
        var columns = new string[fields.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = fields[i];
            if (columns[i].Length == 0)
                throw Refusal(path, 1, $"column {i + 1}", "the header leaves this column without a name");
            if (columns[i].Any(char.IsControl))
                throw Refusal(path, 1, $"column {i + 1}", columns.Length == 1 && columns[i].Contains('\t', StringComparison.Ordinal) ? "tabs separate the columns; commas are needed" : "the column's name holds a control character");
            if (columns.Length == 1 && columns[i].Contains(';', StringComparison.Ordinal))
                throw Refusal(path, 1, "header", "semicolons separate the columns; commas are needed, and a point for decimals");
            if (Array.IndexOf(columns, columns[i]) < i)
                throw Refusal(path, 1, columns[i], "two columns have this name");
        }

        if (columns.Length <= textColumns)
            throw Refusal(path, 1, "header", $"it names {columns.Length} columns, and at least {textColumns + 1} are needed");
        if (columns.Skip(textColumns).All(c => TryNumber(c, out _)))
            throw Refusal(path, 1, "header", $"it holds numbers ('{columns[textColumns]}'), and the first line must name the columns");
        return columns;
    }

    private static Row ReadRow(string path, int line, string[] columns, int textColumns, CsvFields fields)
    {
        if (fields.Count != columns.Length)
            throw Refusal(path, line, "row", $"it has {fields.Count} fields and the header has {columns.Length}");
        var (text, numbers) = (new string[textColumns], new double[columns.Length - textColumns]);
        for (var i = 0; i < columns.Length; i++)
        {
            if (fields[i].Length == 0)
                throw Refusal(path, line, columns[i], "it is empty");
            if (i < textColumns)
                text[i] = fields[i];
            else if (!TryNumber(fields[i], out numbers[i - textColumns]))
                throw Refusal(path, line, columns[i], $"'{fields[i]}' is not a number such as -1234.5");
            else if (!double.IsFinite(numbers[i - textColumns]))
                throw Refusal(path, line, columns[i], $"'{fields[i]}' is not a finite number");
        }

        return new Row(line, text, numbers);
    }

    private static bool TryNumber(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>One row: its line in the file, its texts and its numbers.</summary>
    internal sealed record Row(int Line, string[] Text, double[] Numbers);
}

using System.Text;

namespace RiskGrid.Client.TradeFiles;

/// <summary>The fields of one line of CSV (RFC 4180, section 2, but for line ends inside quotes). Reused from line to line.</summary>
internal sealed class CsvFields
{
    private readonly List<string> _fields = [];
    private readonly StringBuilder _quoted = new();

    public int Count => _fields.Count;

    public string this[int index] => _fields[index];

    /// <summary>Splits a line of valid UTF-8; fields are trimmed of blanks outside quotes. False with the reason when quotes are misplaced,
    /// and then the field at fault is the one after the last.</summary>
    public bool TrySplit(ReadOnlySpan<byte> line, out string? fault)
    {
        _fields.Clear();
        fault = null;
        while (true)
        {
            var blanks = line.IndexOfAnyExcept((byte)' ', (byte)'\t');
            var field = blanks > 0 ? line[blanks..] : line;
            int length;
            if (!field.IsEmpty && field[0] == '"')
            {
                length = Quoted(field, out fault);
                if (fault is not null)
                    return false;
            }
            else
            {
                var comma = field.IndexOf((byte)',');
                length = comma < 0 ? field.Length : comma;
                if (field[..length].Contains((byte)'"'))
                {
                    fault = "a quote stands inside a field that does not begin with one";
                    return false;
                }

                _fields.Add(Encoding.UTF8.GetString(field[..length].Trim(" \t"u8)));
            }

            if (length == field.Length)
                return true;
            line = field[(length + 1)..];
        }
    }

    /// <summary>Adds the quoted field that the text begins with; its length up to the comma or the end.</summary>
    private int Quoted(ReadOnlySpan<byte> text, out string? fault)
    {
        _quoted.Clear();
        var position = 1;
        while (true)
        {
            var quote = text[position..].IndexOf((byte)'"');
            if (quote < 0)
            {
                fault = "a quote is not closed";
                return 0;
            }

            _quoted.Append(Encoding.UTF8.GetString(text.Slice(position, quote)));
            position += quote + 1;
            if (position >= text.Length || text[position] != '"')
                break;
            _quoted.Append('"');
            position++;
        }

        var comma = text[position..].IndexOf((byte)',');
        var end = comma < 0 ? text.Length : position + comma;
        fault = text[position..end].IndexOfAnyExcept((byte)' ', (byte)'\t') < 0 ? null : "text follows a closing quote";
        if (fault is null)
            _fields.Add(_quoted.ToString());
        return end;
    }
}

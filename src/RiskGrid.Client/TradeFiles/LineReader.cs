namespace RiskGrid.Client.TradeFiles;

/// <summary>Lines as bytes, numbered from 1, ended by LF or CRLF. Holds no more than one line of the limit's length, and of a longer one its
/// beginning.</summary>
internal sealed class LineReader(Stream stream, int limit)
{
    // One line of the limit, its CRLF, and room to read more at once.
    private readonly byte[] _buffer = new byte[(2 * limit) + 2];

    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>The number of the line read last.</summary>
    public long Number { get; private set; }

    /// <summary>The line without its end, valid until the next read; of a line that is too long its beginning.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>Its whole length in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>True when the line is longer than the limit.</summary>
    public bool IsTooLong => Length > limit;

    /// <summary>Why the stream broke off in the line <see cref="Number"/>; null when it has not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Reads the next line; false at the end of the stream and where it breaks off.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Number++;
        Bytes = default;
        Length = 0;
        var searched = 0;
        while (true)
        {
            var end = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (end >= 0)
            {
                Take(searched + end, withEnd: 1);
                return true;
            }

            searched = _end - _start;
            if (searched > limit + 1)
                return await SkipAsync(cancellationToken).ConfigureAwait(false);
            if (await FillAsync(cancellationToken).ConfigureAwait(false))
                continue;
            if (Failure is not null || searched == 0)
                return false;
            Take(searched, withEnd: 0);
            return true;
        }
    }

    private void Take(int length, int withEnd)
    {
        var text = length > 0 && withEnd > 0 && _buffer[_start + length - 1] == '\r' ? length - 1 : length;
        Bytes = _buffer.AsMemory(_start, Math.Min(text, limit));
        Length = text;
        _start += length + withEnd;
    }

    /// <summary>Passes over the rest of a line that is too long, keeping its beginning at the front of the buffer.</summary>
    private async ValueTask<bool> SkipAsync(CancellationToken cancellationToken)
    {
        const int Kept = QuarantinedRow.RawLimit;
        Bytes = _buffer.AsSpan(_start, Kept).ToArray();
        var endsInReturn = false;
        while (true)
        {
            var rest = _buffer.AsSpan(_start, _end - _start);
            var end = rest.IndexOf((byte)'\n');
            var text = end >= 0 ? rest[..end] : rest;
            Length += text.Length;
            endsInReturn = text.IsEmpty ? endsInReturn : text[^1] == '\r';
            _start = end >= 0 ? _start + end + 1 : _end;
            if (end >= 0 || !await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                if (end >= 0 && endsInReturn)
                    Length--;
                return Failure is null;
            }
        }
    }

    /// <summary>Reads more behind what the buffer holds; false at the end of the stream.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return false;
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        try
        {
            var length = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _end += length;
            _ended = length == 0;
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException)
        {
            Failure = $"the file breaks off: {broken.Message}";
            _ended = true;
        }

        return !_ended;
    }
}

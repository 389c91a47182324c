using RiskGrid.Protocol.V1;

namespace RiskGrid.Client.TradeFiles;

/// <summary>What became of one line of a trade file.</summary>
/// <param name="Line">Its number in the (unpacked) file; the header is line 1.</param>
public abstract record TradeFileRow(long Line);

/// <summary>A good line.</summary>
/// <param name="Line">Its number.</param>
/// <param name="Command">Books the trade. The command id follows from the line's content, so that the same line, in this file or another, read
/// once or often, is one command.</param>
public sealed record TradeRow(long Line, TradeCommand Command) : TradeFileRow(Line);

/// <summary>A line that is not loaded.</summary>
/// <param name="Source">The file, as its reader was told.</param>
/// <param name="Line">Its number.</param>
/// <param name="Field">The column at fault; <see cref="TradeFile.WholeLine"/> when the line can't be split into columns.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Raw">How the line begins, at most <see cref="RawLimit"/> bytes of it; broken UTF-8 is shown as U+FFFD.</param>
public sealed record QuarantinedRow(string Source, long Line, string Field, string Reason, string Raw) : TradeFileRow(Line)
{
    /// <summary>The most bytes of a line that <see cref="Raw"/> shows.</summary>
    public const int RawLimit = 256;

    /// <inheritdoc/>
    public override string ToString() => $"{Source} line {Line}, {Field}: {Reason}";
}

/// <summary>A file of which no line can be loaded: it has no usable header.</summary>
public sealed class TradeFileException(string source, long line, string reason) : Exception($"{source} line {line}: {reason}")
{
    /// <summary>The line at fault.</summary>
    public long Line { get; } = line;

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; } = reason;
}

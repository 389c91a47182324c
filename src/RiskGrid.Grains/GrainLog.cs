using Microsoft.Extensions.Logging;

namespace RiskGrid.Grains;

/// <summary>What the grains tell an operator; every message of the project is here.</summary>
public sealed partial class GrainLog(ILogger logger)
{
    private readonly ILogger _logger = logger;
    private int _hasPriced;

    /// <summary>A silo's view of the market was behind and has been replaced.</summary>
    [LoggerMessage(Level = LogLevel.Debug, Message = "Market {Market}: fetched the whole market at epoch {Epoch}, sequence {Sequence}, {Quotes} quotes")]
    public partial void BoardFetched(string market, long epoch, long sequence, int quotes);

    /// <summary>What a process knows of the cluster stays behind for now.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "View of {View}: could not be fetched; it is tried again within seconds ({Before} more since the last such message)")]
    public partial void ViewNotFetched(string view, long before, Exception exception);

    /// <summary>A node's report stays behind for now.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node}: its report could not be sent; the desk's next sign of life asks for it ({Before} more since the last such message)")]
    public partial void ReportNotSent(string node, long before, Exception exception);

    /// <summary>The periodic look at the ledger was not possible.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node}: the ledger could not be read; numbers go on, it is tried again within seconds ({Before} more since the last such message)")]
    public partial void LedgerNotRead(string node, long before, Exception exception);

    /// <summary>What a restart would go on from is not stored for now.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Market}: its state could not be kept in the ledger; quotes go on, it is tried again within seconds ({Before} more since the last such message)")]
    public partial void MarketNotKept(string market, long before, Exception exception);

    /// <summary>A turn that nobody waits for was not possible now.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} was not possible; it is tried again with the next sign of life ({Before} more since the last such message)")]
    public partial void TurnNotPossible(string what, long before, Exception exception);

    /// <summary>The fence held: this activation may not write any more.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "Book {Book}: another activation has taken the book; this one ends")]
    public partial void EpochLost(string book);

    /// <summary>Pricing a node threw.</summary>
    [LoggerMessage(Level = LogLevel.Error, Message = "Node {Node}: {Work} failed; it is tried again with the next change or sign of life")]
    public partial void PassFailed(string node, string work, Exception exception);

    /// <summary>A turn that nobody waits for threw.</summary>
    [LoggerMessage(Level = LogLevel.Error, Message = "{What}")]
    public partial void TurnFailed(string what, Exception exception);

    /// <summary>A child has been silent for too long.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "Desk {Desk}: {Count} children are late, among them {Child}")]
    public partial void ChildrenLate(string desk, int count, string child);

    /// <summary>A pass over trades is done: a silo tells of its first.</summary>
    public void Priced(string book, int trades)
    {
        if (Interlocked.Exchange(ref _hasPriced, 1) == 0)
            FirstPriced(book, trades);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Book {Book}: the first that is priced here, {Trades} trades")]
    private partial void FirstPriced(string book, int trades);

    /// <summary>A silo works on a run from now on.</summary>
    [LoggerMessage(Level = LogLevel.Information, Message = "Run {Run}: computed its first item here in {Milliseconds} ms, {Reading} of them to read the run's inputs")]
    public partial void RunTakenUp(string run, long milliseconds, long reading);

    /// <summary>An item left out what belongs to a tail, which the laws of chance all but exclude.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run}: leg {Leg} is computed once more; items left out losses that turned out to belong to a tail")]
    public partial void RunLegAnew(string run, string leg);

    /// <summary>A run stands still for now.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run}: the ledger cannot be used now; it goes on when it is back")]
    public partial void RunInterrupted(string run, Exception exception);

    /// <summary>A run failed for a reason that nobody foresaw.</summary>
    [LoggerMessage(Level = LogLevel.Error, Message = "Run {Run}: failed")]
    public partial void RunFailed(string run, Exception exception);
}

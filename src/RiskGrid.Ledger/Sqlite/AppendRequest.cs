using NodaTime;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>A batch of one book.</summary>
/// <exception cref="NotSupportedException">The ledger has no stored form for a command or an instrument.</exception>
internal sealed class AppendRequest(AppendBatch batch) : WriteRequest<IReadOnlyList<AppendResult>>
{
    private readonly BatchApplication _application = new(batch);

    public override int Weight => Math.Max(1, _application.Commands);

    protected override IReadOnlyList<AppendResult> Write(WriterSession session)
    {
        var (epoch, sequence) = session.ReadBook(batch.Book);
        _application.CheckEpoch(epoch);
        var next = sequence;
        var results = _application.Apply(session.Trades, Instant.FromUnixTimeTicks(session.NextRecordingTime()), ref next);
        if (next != sequence)
            session.SetSequence(batch.Book, next);
        return results;
    }
}

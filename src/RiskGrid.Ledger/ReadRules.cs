using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>What may be asked of a ledger at all. One place for every store.</summary>
internal static class ReadRules
{
    /// <summary>Rows between two looks at a cancellation token.</summary>
    public const int RowsPerCancellationCheck = 1024;

    public static void CheckBook(NodeId book)
    {
        if (book == default)
            throw new ValidationException("book", "book is missing");
    }

    public static void CheckSequence(long sequence)
    {
        if (sequence < 0)
            throw new ValidationException("sequence", $"sequences count from 0, {sequence} is none");
    }

    public static void CheckReached(NodeId book, long sequence, long newest)
    {
        if (sequence > newest)
        {
            throw new ValidationException(
                "sequence", $"book {book} is at sequence {newest} and has not reached {sequence}; this may be another ledger than the one meant");
        }
    }
}

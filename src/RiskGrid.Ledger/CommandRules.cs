using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>The newest state of a trade, as far as the rules look at it.</summary>
internal readonly record struct TradeHead(long Version, TradeEventKind Kind, NodeId Book);

/// <summary>Why a command may not be applied. One place for every store.</summary>
internal static class CommandRules
{
    /// <summary>Null when the command may be applied through <paramref name="book"/>; otherwise the field and the reason.</summary>
    /// <param name="command">The command.</param>
    /// <param name="book">The book whose activation writes.</param>
    /// <param name="head">The trade as it stands; null when its id was never booked.</param>
    public static (string Field, string Reason)? Refusal(TradeCommand command, NodeId book, TradeHead? head) => command switch
    {
        BookCommand booking => RefusalOfBooking(booking, book, head),
        AmendCommand amendment => RefusalOfChange("amended", amendment.TradeId, amendment.ExpectedVersion, book, head),
        CancelCommand cancellation => RefusalOfChange("cancelled", cancellation.TradeId, cancellation.ExpectedVersion, book, head),
        _ => throw new NotSupportedException($"The ledger does not know commands of type {command.GetType().Name}."),
    };

    /// <summary>The refusal of a command id that carried another request before.</summary>
    public static (string Field, string Reason) ReusedCommandId(CommandId id) =>
        ("command_id", $"command id {id} was used before for another request; choose a new id");

    private static (string Field, string Reason)? RefusalOfBooking(BookCommand booking, NodeId book, TradeHead? head)
    {
        if (head is { } existing)
        {
            return ("trade_id", existing.Kind == TradeEventKind.Cancelled
                ? $"trade {booking.TradeId} was booked and cancelled before; its id is spent"
                : $"trade {booking.TradeId} exists already, at version {existing.Version} in book {existing.Book}");
        }

        return booking.Terms.Book == book
            ? null
            : ("book", $"trade {booking.TradeId} is for book {booking.Terms.Book} and can't be booked through book {book}");
    }

    private static (string Field, string Reason)? RefusalOfChange(
        string change, TradeId trade, long expectedVersion, NodeId book, TradeHead? head)
    {
        if (head is not { } current)
            return ("trade_id", $"trade {trade} does not exist and can't be {change}");
        if (current.Kind == TradeEventKind.Cancelled)
            return ("trade_id", $"trade {trade} is cancelled since version {current.Version} and can't be {change}");
        if (current.Version != expectedVersion)
            return ("expected_version", $"trade {trade} is at version {current.Version}, not at version {expectedVersion}");
        return current.Book == book ? null : ("book", $"trade {trade} is held by book {current.Book} and can't be {change} through book {book}");
    }
}

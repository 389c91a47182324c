namespace RiskGrid.Model;

/// <summary>Where a trade stands in its life.</summary>
public enum TradeLifecycle
{
    /// <summary>On the book.</summary>
    Live,

    /// <summary>Taken off the book by a cancel command; its id is spent.</summary>
    Cancelled,
}

/// <summary>What was agreed: all that a booking or an amendment states.</summary>
public sealed record TradeTerms
{
    /// <summary>Creates valid terms.</summary>
    /// <param name="instrument">What is traded.</param>
    /// <param name="quantity">Units held: positive is long, negative short, zero allowed.</param>
    /// <param name="book">The book that owns the trade.</param>
    /// <param name="counterparty">The other side, free of control characters, at most 64 characters; may be empty.</param>
    /// <exception cref="ValidationException">A field breaks its rule.</exception>
    public TradeTerms(Instrument instrument, double quantity, NodeId book, string counterparty)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        if (!(Math.Abs(quantity) <= MaxQuantity))
            throw new ValidationException("quantity", $"quantity must be a finite number of at most {MaxQuantity:E0} either way");
        if (book == default)
            throw new ValidationException("book", "book is missing");
        if (counterparty is null || counterparty.Length > IdentifierRule.MaxLength || counterparty.Any(char.IsControl) || HasLoneSurrogate(counterparty))
            throw new ValidationException("counterparty", "at most 64 characters of sound UTF-16 and no control characters");
        Instrument = instrument;
        Quantity = quantity;
        Book = book;
        Counterparty = counterparty;
    }

    /// <summary>Largest quantity, long or short.</summary>
    public const double MaxQuantity = 1e15;

    /// <summary>What is traded.</summary>
    public Instrument Instrument { get; }

    /// <summary>Units held: positive is long, negative short.</summary>
    public double Quantity { get; }

    /// <summary>The book that owns the trade.</summary>
    public NodeId Book { get; }

    /// <summary>The other side; may be empty.</summary>
    public string Counterparty { get; }

    // Half a character has no UTF-8: neither the ledger nor the wire could give it back.
    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                return true;
            i++;
        }

        return false;
    }
}

/// <summary>A trade in one version of its life.</summary>
/// <param name="Id">Its id, for good.</param>
/// <param name="Version">1 when booked, one more with each event.</param>
/// <param name="Terms">The terms in force.</param>
/// <param name="Lifecycle">Where it stands.</param>
public sealed record Trade(TradeId Id, long Version, TradeTerms Terms, TradeLifecycle Lifecycle);

/// <summary>One command about one trade.</summary>
/// <param name="CommandId">Names the command: a retry carries the same id.</param>
/// <param name="TradeId">The trade it is about.</param>
public abstract record TradeCommand(CommandId CommandId, TradeId TradeId);

/// <summary>Puts a new trade on its book.</summary>
public sealed record BookCommand(CommandId CommandId, TradeId TradeId, TradeTerms Terms) : TradeCommand(CommandId, TradeId);

/// <summary>Replaces the terms of version <paramref name="ExpectedVersion"/>; another book in the terms moves the trade.</summary>
public sealed record AmendCommand(CommandId CommandId, TradeId TradeId, long ExpectedVersion, TradeTerms Terms) : TradeCommand(CommandId, TradeId);

/// <summary>Takes version <paramref name="ExpectedVersion"/> of a trade off its book.</summary>
public sealed record CancelCommand(CommandId CommandId, TradeId TradeId, long ExpectedVersion) : TradeCommand(CommandId, TradeId);

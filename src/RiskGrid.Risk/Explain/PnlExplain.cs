using System.Collections.Immutable;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk;

/// <summary>What happened to one book between two frozen states.</summary>
/// <param name="Lines">The P&amp;L, line by line.</param>
/// <param name="New">Trades that came.</param>
/// <param name="Amended">Trades with other terms.</param>
/// <param name="Cancelled">Trades that went: cancelled, or moved to another book, where they are new.</param>
/// <param name="Expired">Trades that expired.</param>
/// <param name="Remarked">Trades whose volatility quote has another status.</param>
/// <param name="Cash">Payoffs of the expired trades, part of the lines' total.</param>
/// <param name="Failures">Trades without a number at one end or both, and expired ones without a payoff: the first
/// <see cref="Coverage.FailuresKept"/> by trade id.</param>
/// <param name="Failed">How many there are of these.</param>
public sealed record BookExplain(
    PnlLines Lines, int New, int Amended, int Cancelled, int Expired, int Remarked, double Cash, ImmutableArray<TradeFailure> Failures, int Failed);

/// <summary>Explains the P&amp;L between two frozen states (sheet and market each) of a book. Pure functions, thread-safe.</summary>
/// <remarks>
/// <para>Two steps. First the positions change at the start's market: new terms less old ones. Then the market moves: of a trade that is there
/// at both ends each sensitivity at the start (of the terms at the end) times the move of its input, a Taylor series of second order in
/// spot and volatility and of first order in time, rate and dividend yield (E. G. Haug, The Complete Guide to Option Pricing Formulas (2nd
/// edition 2007), chapter 2, for the sensitivities). What the series does not catch, against the value computed anew, is unexplained.</para>
/// <para>All sensitivities are in the trade's currency and converted at the start's FX rate; the FX line is the value at the end times the
/// change of the rate. A trade whose volatility quote changed its status is first valued at the end with its old volatility: the difference
/// is a mark change. A new trade counts with its whole value at the end: the ledger holds no premium. An expired trade pays off at
/// the spot of the end's market, the nearest to a settlement price that a snapshot holds.</para>
/// </remarks>
public static class PnlExplain
{
    /// <summary>Explains one book.</summary>
    /// <param name="from">The sheet at the start.</param>
    /// <param name="to">The sheet at the end.</param>
    /// <param name="start">The market at the start.</param>
    /// <param name="end">The market at the end.</param>
    /// <param name="options">How markets are read.</param>
    /// <exception cref="ValidationException">The end lies before the start.</exception>
    /// <exception cref="ArgumentException">The sheets belong to two books.</exception>
    public static BookExplain Book(Sheet from, Sheet to, MarketSnapshot start, MarketSnapshot end, PricingOptions options)
    {
        if (from.Book != to.Book)
            throw new ArgumentException($"book {from.Book} cannot be explained by book {to.Book}", nameof(to));
        if (end.Valuation < start.Valuation)
            throw new ValidationException("to_run", $"its market, of {end.Valuation}, lies before that of the first run, of {start.Valuation}");
        var oldTerms = new ExplainValues(SheetMarket.From(from, start, options));
        var before = string.Equals(from.Hash, to.Hash, StringComparison.Ordinal) ? oldTerms : new ExplainValues(SheetMarket.From(to, start, options));
        var after = new ExplainValues(SheetMarket.From(to, end, options));
        var book = new BookExplainBuilder(oldTerms, before, after, end, options);
        for (int i = 0, j = 0; i < from.Count || j < to.Count;)
        {
            var order = i == from.Count ? 1 : j == to.Count ? -1 : from.Trades[i].CompareTo(to.Trades[j]);
            if (order < 0)
                book.Gone(i++);
            else if (order > 0)
                book.Came(j++);
            else
                book.Stayed(i++, j++);
        }

        return book.Build();
    }

    /// <summary>Adds up the books: every desk is the sum of its children in name order.</summary>
    /// <param name="tree">The nodes.</param>
    /// <param name="books">One per book of <see cref="RunTree.Books"/>.</param>
    /// <returns>One per node.</returns>
    /// <exception cref="ArgumentException">There is not one explain per book.</exception>
    public static ImmutableArray<PnlLines> Nodes(RunTree tree, IReadOnlyList<BookExplain> books)
    {
        if (books.Count != tree.Books.Length)
            throw new ArgumentException($"{tree.Books.Length} books need as many explains, not {books.Count}", nameof(books));
        var nodes = new PnlLines[tree.Nodes.Length];
        for (var n = nodes.Length - 1; n >= 0; n--)
        {
            if (tree.Nodes[n].Book >= 0)
                nodes[n] = books[tree.Nodes[n].Book].Lines;
            foreach (var child in tree.Nodes[n].Children)
                nodes[n] += nodes[child];
        }

        return [.. nodes];
    }
}

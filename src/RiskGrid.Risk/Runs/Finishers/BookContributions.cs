using System.Buffers;
using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk.Runs;

/// <summary>The part that every trade of one book has in the risk of a node: each trade is revalued again in the scenarios of the node's
/// tail, and its losses are weighed as the node's are.</summary>
/// <remarks>Chunks may be computed on any threads, in any order, once or twice: where they are cut depends on the number of trades alone, and
/// their sums are added in order, so the bits are the same.</remarks>
public sealed class BookContributions
{
    // About 2 ms on one core at 10 ns a revaluation.
    private const int RevaluationsPerChunk = 200_000;

    private readonly PreparedSheet _sheet;
    private readonly ScenarioSet _scenarios;
    private readonly Tail _tail;
    private readonly ImmutableArray<TailWeights> _weights;
    private readonly int _firstEntry;
    private readonly int _chunkSize;
    private readonly double[]?[] _sums; // per chunk: [(trade * confidences + confidence) * 2 + (0: value at risk, 1: shortfall)]

    /// <summary>Prepares a book.</summary>
    /// <param name="sheet">The book, prepared for the scenarios.</param>
    /// <param name="scenarios">The scenarios of the leg.</param>
    /// <param name="tail">The tail of the node whose risk is attributed.</param>
    /// <param name="weights">The weights of the node's ordered losses, one per confidence.</param>
    /// <exception cref="ArgumentException">The node failed, no confidence is given, or the tail does not reach down to the first weight.</exception>
    public BookContributions(PreparedSheet sheet, ScenarioSet scenarios, Tail tail, ImmutableArray<TailWeights> weights)
        : this(sheet, scenarios, tail, weights, RevaluationsPerChunk)
    {
    }

    internal BookContributions(PreparedSheet sheet, ScenarioSet scenarios, Tail tail, ImmutableArray<TailWeights> weights, int revaluationsPerChunk)
    {
        if (tail.Failure is { } failure)
            throw new ArgumentException($"the node's risk cannot be attributed: {failure}", nameof(tail));
        if (weights.IsDefaultOrEmpty)
            throw new ArgumentException("at least one confidence is needed", nameof(weights));
        var first = weights.Min(w => w.First);
        if (first < tail.FirstRank || weights.Any(w => w.Scenarios != tail.ScenarioCount))
            throw new ArgumentException($"the tail keeps the losses from position {tail.FirstRank} of {tail.ScenarioCount} on, the weights begin at {first}", nameof(weights));
        (_sheet, _scenarios, _tail, _weights) = (sheet, scenarios, tail, weights);
        _firstEntry = first - tail.FirstRank;
        _chunkSize = Math.Max(1, revaluationsPerChunk / Math.Max(1, sheet.Trades.Length));
        _sums = new double[]?[(tail.Losses.Length - _firstEntry + _chunkSize - 1) / _chunkSize];
    }

    /// <summary>The trades, in trade-id order; those that the scenarios cannot move have no part.</summary>
    public ImmutableArray<TradeId> Trades => _sheet.Trades;

    /// <summary>How many chunks there are to compute.</summary>
    public int Chunks => Trades.IsEmpty ? 0 : _sums.Length;

    /// <summary>Revalues the trades in some of the scenarios.</summary>
    /// <param name="chunk">0 to <see cref="Chunks"/> − 1.</param>
    public void Compute(int chunk)
    {
        var from = _firstEntry + (chunk * _chunkSize);
        var count = Math.Min(_chunkSize, _tail.Losses.Length - from);
        var sums = new double[Trades.Length * _weights.Length * 2];
        var rented = ArrayPool<double>.Shared.Rent(Trades.Length * count);
        try
        {
            var pnl = rented.AsSpan(0, Trades.Length * count);
            _sheet.PnlByTrade(_scenarios.Gather(_tail.Scenarios.Slice(from, count)), 0, count, pnl);
            for (var q = 0; q < _weights.Length; q++)
            {
                for (var i = 0; i < count; i++)
                    Weigh(pnl[i..], count, q, from + i + _tail.FirstRank, sums);
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }

        _sums[chunk] = sums;
    }

    /// <summary>The components of one trade, once every chunk is computed.</summary>
    /// <param name="trade">Position in <see cref="Trades"/>.</param>
    /// <param name="confidence">Position among the weights.</param>
    public (double ValueAtRisk, double Shortfall) Component(int trade, int confidence)
    {
        var at = ((trade * _weights.Length) + confidence) * 2;
        var (valueAtRisk, shortfall) = (0.0, 0.0);
        foreach (var sums in _sums)
        {
            valueAtRisk += sums![at];
            shortfall += sums[at + 1];
        }

        return (valueAtRisk, shortfall);
    }

    // One scenario of every trade, at the start of each row of the given length.
    private void Weigh(ReadOnlySpan<double> pnl, int row, int confidence, int position, double[] sums)
    {
        var inValueAtRisk = _weights[confidence].InValueAtRisk(position);
        var inShortfall = _weights[confidence].InExpectedShortfall(position);
        if (inValueAtRisk == 0 && inShortfall == 0)
            return;
        for (var trade = 0; trade < Trades.Length; trade++)
        {
            var loss = 0.0 - pnl[trade * row];
            var at = ((trade * _weights.Length) + confidence) * 2;
            sums[at] += inValueAtRisk * loss;
            sums[at + 1] += inShortfall * loss;
        }
    }
}

/// <summary>The largest contributors among the trades of a node.</summary>
public static class TradeContributions
{
    /// <summary>Name of the part that stands for all trades not named; no trade id holds a blank.</summary>
    public const string OtherTrades = "other trades";

    /// <summary>The trades with the largest components of the expected shortfall, either sign, then all others as one part: together the
    /// node's own measures.</summary>
    /// <param name="books">The books of the node, in tree order, all computed.</param>
    /// <param name="confidence">Position among the weights.</param>
    /// <param name="most">How many trades are named at most.</param>
    /// <returns>The largest first, of equal ones in trade-id order.</returns>
    public static ImmutableArray<RiskComponent> Largest(IReadOnlyList<BookContributions> books, int confidence, int most)
    {
        var all = new List<(TradeId Trade, double ValueAtRisk, double Shortfall)>();
        foreach (var book in books)
        {
            for (var trade = 0; trade < book.Trades.Length; trade++)
            {
                var (valueAtRisk, shortfall) = book.Component(trade, confidence);
                all.Add((book.Trades[trade], valueAtRisk, shortfall));
            }
        }

        var order = Enumerable.Range(0, all.Count).OrderByDescending(i => Math.Abs(all[i].Shortfall)).ThenBy(i => all[i].Trade).ToArray();
        var rows = order.Take(most).Select(i => new RiskComponent(all[i].Trade.Value)
        {
            ComponentVar = all[i].ValueAtRisk,
            ComponentEs = all[i].Shortfall,
        }).ToList();
        if (order.Length > most)
        {
            var (valueAtRisk, shortfall) = (0.0, 0.0);
            foreach (var i in order.Skip(most).Order())
            {
                valueAtRisk += all[i].ValueAtRisk;
                shortfall += all[i].Shortfall;
            }

            rows.Add(new RiskComponent(OtherTrades) { ComponentVar = valueAtRisk, ComponentEs = shortfall });
        }

        return [.. rows];
    }
}

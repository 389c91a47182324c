using System.Buffers;
using System.Collections.Immutable;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>The P&amp;L vector of one sheet under a whole scenario set, block by block: what a live book keeps.</summary>
/// <remarks>Blocks of scenarios are independent: any thread may compute any block, in any order, once or twice; the bits are the same. The
/// rules are those of <see cref="PreparedSheet"/>.</remarks>
public sealed class SheetRevaluation
{
    // About 2 ms on one core at 10 ns a revaluation.
    private const int RevaluationsPerBlock = 200_000;
    private const int SmallestBlock = 64;

    private readonly ScenarioSet _scenarios;
    private readonly PreparedSheet _sheet;
    private readonly int _blockSize;
    private readonly double[] _pnl;

    /// <summary>Lays out the trades and values them at the unmoved market; the scenarios are left to <see cref="Compute"/>.</summary>
    /// <param name="market">The sheet's market.</param>
    /// <param name="scenarios">The scenarios.</param>
    public SheetRevaluation(SheetMarket market, ScenarioSet scenarios)
        : this(market, scenarios, RevaluationsPerBlock)
    {
    }

    internal SheetRevaluation(SheetMarket market, ScenarioSet scenarios, int revaluationsPerBlock)
    {
        _scenarios = scenarios;
        _pnl = new double[scenarios.Count];
        _sheet = new PreparedSheet(market, scenarios);

        // Whole cache lines of doubles, so that two blocks never write one line.
        var scenariosPerBlock = ((revaluationsPerBlock / Math.Max(1, _sheet.Trades.Length)) + 7) / 8 * 8;
        _blockSize = Math.Min(Math.Max(scenariosPerBlock, SmallestBlock), scenarios.Count);
        Blocks = _sheet.Trades.Length == 0 ? 0 : (scenarios.Count + _blockSize - 1) / _blockSize;
    }

    /// <summary>How many blocks there are to compute; none when the sheet is empty or no trade is covered.</summary>
    public int Blocks { get; }

    /// <summary>How many trades the vector does not cover.</summary>
    public int TradesMissing => _sheet.TradesMissing;

    /// <summary>The first <see cref="Coverage.FailuresKept"/> of them by trade id, with reasons.</summary>
    public ImmutableArray<TradeFailure> Missing => _sheet.Missing;

    /// <summary>The hash of the scenario set.</summary>
    public string ScenarioSetHash => _scenarios.Hash;

    /// <summary>The P&amp;L vector in scenario order, complete once every block has been computed.</summary>
    public ReadOnlySpan<double> Pnl => _pnl;

    /// <summary>Computes one block of scenarios into <see cref="Pnl"/>.</summary>
    /// <param name="block">0 to <see cref="Blocks"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    public void Compute(int block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(block, Blocks);
        var first = block * _blockSize;
        var count = Math.Min(_blockSize, _pnl.Length - first);
        var rented = ArrayPool<double>.Shared.Rent(count);
        try
        {
            // Accumulated aside and copied: two threads at the same block write the same bits.
            var pnl = rented.AsSpan(0, count);
            pnl.Clear();
            if (_scenarios.IsWhole)
                _sheet.Accumulate(_scenarios.Block(0, _pnl.Length), first, count, pnl);
            else
                _sheet.Accumulate(_scenarios.Block(first, count), 0, count, pnl);
            pnl.CopyTo(_pnl.AsSpan(first, count));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <summary>Computes every block on the calling thread.</summary>
    /// <returns>A copy of the vector.</returns>
    public double[] ComputeAll()
    {
        for (var block = 0; block < Blocks; block++)
            Compute(block);
        return _pnl.AsSpan().ToArray();
    }
}

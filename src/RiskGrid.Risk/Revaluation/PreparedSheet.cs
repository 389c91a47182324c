using System.Collections.Immutable;
using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>One sheet laid out for full revaluation under a scenario set: P&amp;L in the reporting currency. Immutable, thread-safe.</summary>
/// <remarks>
/// <para>Shocks are instantaneous. Spot S' = S·exp(r); strike and dividend yield fixed; the zero rate at expiry moves by the absolute change
/// of the currency's curve interpolated at expiry; σ' = σ·m(T), m(T) = exp(b(T)·ΔlnVIX − κ·r), b = min(1, √(30 days/T)), κ = ∂lnσ/∂k at the
/// forward from the slice's <c>SKEW</c> quote, or zero under <see cref="ScenarioRules.StickyStrike"/>. The VIX is a constant-moneyness
/// volatility: with the strike fixed, the move of spot has already slid the option along the smile, and −κ·r keeps that from counting twice.
/// A set may shift volatilities besides: multiply them, then add to them, with a floor of zero. FX rates move inside the scenario.</para>
/// <para>Each scenario adds its trades in trade-id order, so any split of the scenarios gives the same bits; base value and scenario value
/// come from the same operations, so a move of zero gives a P&amp;L of exactly zero.</para>
/// </remarks>
public sealed class PreparedSheet
{
    /// <summary>Names the rules above; part of a run's manifest.</summary>
    public const string Version = "full-revaluation/1";

    private readonly ScenarioLayout _layout;
    private readonly RevaluationTrades _trades;

    /// <summary>Lays out the trades and values them at the unmoved market.</summary>
    /// <param name="market">The sheet's market.</param>
    /// <param name="scenarios">The scenarios, or others of the same drivers and rules: a masked set, say.</param>
    public PreparedSheet(SheetMarket market, ScenarioSet scenarios)
    {
        _layout = scenarios.Layout;
        _trades = new RevaluationTrades(market, _layout);
    }

    /// <summary>The trades that are revalued, in trade-id order.</summary>
    public ImmutableArray<TradeId> Trades => _trades.Trades;

    /// <summary>How many trades of the sheet the set can't move.</summary>
    public int TradesMissing => _trades.MissingCount;

    /// <summary>The first <see cref="Coverage.FailuresKept"/> of them by trade id, with reasons.</summary>
    public ImmutableArray<TradeFailure> Missing => _trades.Missing;

    /// <summary>Adds the sheet's P&amp;L in the scenarios <paramref name="start"/> to <paramref name="start"/> + count − 1 of a block to
    /// <paramref name="pnl"/>, which holds count elements. A sum beyond the range of double precision ends as NaN or infinity.</summary>
    /// <exception cref="ArgumentException">The block's set has other drivers or rules, or holds no such scenarios.</exception>
    public void Accumulate(ScenarioBlock block, int start, int count, Span<double> pnl)
    {
        CheckRange(block, start, count, pnl.Length, count);
        if (_trades.Count == 0 || count == 0)
            return;
        using var rows = new ScenarioRows(_trades, block, start, count);
        for (var trade = 0; trade < _trades.Count;)
        {
            var run = 1;
            if (!_trades.Adds)
                run = _trades.Count;
            else if (!_trades.AddsTo(trade))
            {
                while (trade + run < _trades.Count && !_trades.AddsTo(trade + run))
                    run++;
            }

            rows.Accumulate(trade, run, pnl);
            trade += run;
        }
    }

    /// <summary>The P&amp;L of every trade alone: added up in the order of <see cref="Trades"/> they give the bits of
    /// <see cref="Accumulate"/>.</summary>
    /// <param name="block">The scenarios.</param>
    /// <param name="start">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="pnl">Takes <c>[trade * count + scenario]</c>; overwritten.</param>
    /// <exception cref="ArgumentException">The block's set has other drivers or rules, or holds no such scenarios.</exception>
    public void PnlByTrade(ScenarioBlock block, int start, int count, Span<double> pnl)
    {
        CheckRange(block, start, count, pnl.Length, (long)count * _trades.Count);
        if (_trades.Count == 0 || count == 0)
            return;
        pnl.Clear();
        using var rows = new ScenarioRows(_trades, block, start, count);
        for (var trade = 0; trade < _trades.Count; trade++)
            rows.Accumulate(trade, 1, pnl.Slice(trade * count, count));
    }

    private void CheckRange(ScenarioBlock block, int start, int count, int room, long needed)
    {
        if (!_layout.Fits(block.Layout))
            throw new ArgumentException("the block's drivers or rules are not those that the sheet was prepared for", nameof(block));
        if (start < 0 || count < 0 || count > block.Count - start)
            throw new ArgumentException($"the block holds {block.Count} scenarios, not {start} to {(long)start + count - 1}", nameof(start));
        if (room != needed)
            throw new ArgumentException($"pnl holds {room} elements and must hold {needed}", "pnl");
    }
}

using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>The additive measures of one sheet at one market point. Immutable, thread-safe.</summary>
public sealed class SheetValuation
{
    private readonly Measures[] _trades;

    internal SheetValuation(Measures total, ImmutableSortedDictionary<Currency, Measures> native, Measures[] trades, Coverage coverage)
    {
        Total = total;
        Native = native;
        _trades = trades;
        Coverage = coverage;
    }

    /// <summary>All trades, in the reporting currency, added one by one in trade-id order.</summary>
    public Measures Total { get; }

    /// <summary>The trades of each currency in that currency, added in trade-id order. FX delta stands there in the currency itself.</summary>
    public ImmutableSortedDictionary<Currency, Measures> Native { get; }

    /// <summary>Each trade in the reporting currency, aligned with <see cref="Sheet.Trades"/>; zero where the trade failed.</summary>
    public ReadOnlySpan<Measures> Trades => _trades;

    /// <summary>What the numbers cover.</summary>
    public Coverage Coverage { get; }
}

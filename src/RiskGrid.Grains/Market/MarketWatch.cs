using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Grains.Market;

/// <summary>A book's interest in its factors. Dirty from the moment one of them changes until the book captures the market again.</summary>
public sealed class MarketWatch : IDisposable
{
    private readonly MarketBoard _board;
    private readonly Action _onDirty;

    internal MarketWatch(MarketBoard board, ImmutableArray<FactorName> factors, Action onDirty)
    {
        _board = board;
        Factors = factors;
        _onDirty = onDirty;
    }

    /// <summary>What is watched.</summary>
    public ImmutableArray<FactorName> Factors { get; }

    /// <summary>Guarded by the board's lock.</summary>
    internal bool Dirty { get; private set; } = true;

    /// <summary>Whether the board has moved since the last capture.</summary>
    public bool IsDirty => _board.IsDirty(this);

    /// <inheritdoc/>
    public void Dispose() => _board.Remove(this);

    /// <summary>Tells the book.</summary>
    public void Notify() => _onDirty();

    /// <summary>True when the watch was clean.</summary>
    internal bool MarkDirty()
    {
        if (Dirty)
            return false;
        Dirty = true;
        return true;
    }

    internal void Clear() => Dirty = false;
}

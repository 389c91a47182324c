namespace RiskGrid.Grains.Nodes;

/// <summary>Versions that increase with every change of a node, and over its activations too, wherever they live: the epoch that the activation
/// took from the ledger, then a counter. No clock has a part in it.</summary>
public struct NodeVersions
{
    private const int CounterBits = 32;
    private long _last;

    /// <summary>Starts above all versions of earlier activations.</summary>
    /// <param name="epoch">Taken by this activation; positive.</param>
    public NodeVersions(long epoch) => _last = epoch << CounterBits;

    /// <summary>The next version.</summary>
    public long Next() => ++_last;
}

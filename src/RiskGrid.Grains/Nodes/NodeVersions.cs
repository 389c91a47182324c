namespace RiskGrid.Grains.Nodes;

/// <summary>Versions that increase with every change of a node, and over re-activations too: milliseconds of the activation's start, then a
/// counter.</summary>
public struct NodeVersions
{
    private const int CounterBits = 20;
    private long _last;

    /// <summary>Starts above all versions of earlier activations, as far as the silos' clocks agree to a millisecond.</summary>
    public NodeVersions(TimeProvider time) => _last = time.GetUtcNow().ToUnixTimeMilliseconds() << CounterBits;

    /// <summary>The next version.</summary>
    public long Next() => ++_last;
}

using System.Runtime.InteropServices;
using Google.Protobuf;

namespace RiskGrid.Grains.Nodes;

/// <summary>P&amp;L vectors as they travel: little-endian float64, one per scenario.</summary>
public static class PnlVectors
{
    /// <summary>The wire form.</summary>
    public static ByteString ToWire(ReadOnlySpan<double> pnl)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("P&L vectors travel as little-endian float64; this machine is big-endian.");
        return ByteString.CopyFrom(MemoryMarshal.AsBytes(pnl));
    }

    /// <summary>The numbers of a wire vector, without a copy.</summary>
    public static ReadOnlySpan<double> FromWire(ByteString bytes) => MemoryMarshal.Cast<byte, double>(bytes.Span);

    /// <summary>Adds vectors in the order given, scenario by scenario: ((v0 + v1) + v2) + …; the fixed order that makes sums repeatable.</summary>
    public static double[] Sum(IReadOnlyList<ByteString> vectors, int scenarios)
    {
        var sum = new double[scenarios];
        foreach (var vector in vectors)
        {
            var addend = FromWire(vector);
            if (addend.Length != scenarios)
                throw new ArgumentException($"A vector has {addend.Length} scenarios, the node's set has {scenarios}.", nameof(vectors));
            for (var i = 0; i < sum.Length; i++)
                sum[i] += addend[i];
        }

        return sum;
    }
}

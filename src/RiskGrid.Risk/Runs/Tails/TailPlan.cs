using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace RiskGrid.Risk.Runs;

/// <summary>Which P&amp;L vectors a leg of a run keeps, and how much of each: the same for all of its blocks. Immutable, thread-safe.</summary>
/// <remarks>The vectors stand in one order: per node of the tree its own vector, then that with only one factor class moving, per class
/// in order; after the last node each <see cref="NodeWithoutChild"/> of the tree. Masks count from zero: 0 is the whole move, 1 + c is
/// class c alone.</remarks>
public sealed class TailPlan
{
    /// <summary>Bytes of <see cref="Fingerprint"/>.</summary>
    internal const int FingerprintLength = 16;

    // Of independent scenarios seven, one vector in 10¹¹; opposite ones that lose alike count as half as many.
    private const double Deviations = 7 * 1.4142135623730951;

    private readonly byte[] _fingerprint;

    /// <summary>Plans the vectors of one leg.</summary>
    /// <param name="tree">The nodes.</param>
    /// <param name="classes">Names of the factor classes that are also moved alone; may be empty.</param>
    /// <param name="scenarios">N, how many scenarios the leg has in all.</param>
    /// <param name="depth">K, how many of the largest losses each vector keeps; N or more keeps whole vectors.</param>
    /// <exception cref="ArgumentOutOfRangeException">No scenario or no depth.</exception>
    public TailPlan(RunTree tree, ImmutableArray<string> classes, int scenarios, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scenarios, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        Tree = tree;
        Classes = classes;
        Scenarios = scenarios;
        Depth = Math.Min(depth, scenarios);
        _fingerprint = ComputeFingerprint();
    }

    /// <summary>The nodes.</summary>
    public RunTree Tree { get; }

    /// <summary>The factor classes that are also moved alone.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>N, the scenarios of the leg.</summary>
    public int Scenarios { get; }

    /// <summary>K, the losses that each vector keeps; at most N.</summary>
    public int Depth { get; }

    /// <summary>True when whole vectors are kept. What a child or a class loses in a scenario then stands in its own vector.</summary>
    public bool IsWhole => Depth == Scenarios;

    /// <summary>How many moves a book is revalued under: the whole one and each class alone.</summary>
    public int Masks => 1 + Classes.Length;

    /// <summary>How many vectors a block has.</summary>
    public int Vectors => (Tree.Nodes.Length * Masks) + Tree.Without.Length;

    /// <summary>Position of a node's vector.</summary>
    public int VectorOf(int node, int mask = 0) => (node * Masks) + mask;

    /// <summary>Position of the vector of a node without a child.</summary>
    /// <param name="without">Position in <see cref="RunTree.Without"/>.</param>
    public int VectorWithout(int without) => (Tree.Nodes.Length * Masks) + without;

    /// <summary>How many further losses each entry of a vector's tail carries: of a node's own vector those of its children, then of the
    /// classes; of all others, and where vectors are whole, none.</summary>
    public int Companions(int vector)
    {
        if (IsWhole || vector >= Tree.Nodes.Length * Masks || vector % Masks != 0)
            return 0;
        return Tree.Nodes[vector / Masks].Children.Length + Classes.Length;
    }

    /// <summary>Of so many drawn scenarios the rank, from the largest loss, that the tail of all scenarios will most likely not reach down to.</summary>
    /// <remarks>Of M drawn ones M·p belong to the tail of K = p·N of all N, give or take √(M·p·(1 − p)·(1 + M/N)): the number of those drawn so far
    /// that lie in the tail has one spread, the place where the tail of all ends another.</remarks>
    internal int RankBeyondTail(int drawn)
    {
        var share = (double)Depth / Scenarios;
        var spread = Math.Sqrt(drawn * share * (1 - share) * (1 + ((double)drawn / Scenarios)));
        return (int)Math.Ceiling((drawn * share) + (Deviations * spread)) + 1;
    }

    /// <summary>Tells the blocks of one plan from those of another.</summary>
    internal ReadOnlySpan<byte> Fingerprint => _fingerprint;

    private byte[] ComputeFingerprint()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(int)];
        void Append(Span<byte> buffer, int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer, value);
            sha.AppendData(buffer);
        }

        Append(number, Scenarios);
        Append(number, Depth);
        Append(number, Classes.Length);
        foreach (var name in Classes)
            sha.AppendData(Encoding.UTF8.GetBytes(name + '\n'));
        foreach (var node in Tree.Nodes)
        {
            sha.AppendData(Encoding.UTF8.GetBytes(node.Id.Value + '\n'));
            Append(number, node.Parent);
        }

        Append(number, Tree.Without.Length);
        return sha.GetHashAndReset()[..FingerprintLength];
    }
}

using System.Runtime.CompilerServices;

namespace RiskGrid.Pricing.Smiles;

/// <summary>A symmetric quasi-definite band matrix: L·D·Lᵀ without pivoting, in place.</summary>
/// <remarks>Such a matrix (positive definite in some rows, negative definite in the others) has this factorisation in any order of its
/// rows: R. J. Vanderbei, Symmetric quasidefinite matrices, SIAM J. Optimization 5 (1995) p. 100.</remarks>
internal sealed class QuasiDefiniteBand
{
    /// <summary>Entries below the diagonal that may be other than zero.</summary>
    public const int Band = 4;

    private readonly double[] _entries;

    public QuasiDefiniteBand(int size)
    {
        Size = size;
        _entries = new double[size * (Band + 1)];
    }

    public int Size { get; }

    /// <summary>The entry of a row at <paramref name="below"/> columns before the diagonal, 0 to <see cref="Band"/>.</summary>
    public ref double this[int row, int below] => ref _entries[(row * (Band + 1)) + below];

    public void Clear() => Array.Clear(_entries);

    /// <summary>Replaces the matrix by its factors: row i keeps L[i, i-b] at b and D[i] at 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Factor()
    {
        for (var i = 0; i < Size; i++)
        {
            var reach = Math.Min(Band, i);
            for (var b = reach; b >= 1; b--)
            {
                var j = i - b;
                var sum = this[i, b];
                for (var c = Math.Min(reach, b + Band); c > b; c--)
                    sum -= this[i, c] * this[j, c - b];
                this[i, b] = sum;
            }

            var pivot = this[i, 0];
            for (var b = reach; b >= 1; b--)
            {
                var scaled = this[i, b];
                this[i, b] = scaled / this[i - b, 0];
                pivot -= scaled * this[i, b];
            }

            this[i, 0] = pivot;
        }
    }

    /// <summary>Replaces <paramref name="right"/> by the solution; after <see cref="Factor"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Solve(Span<double> right)
    {
        for (var i = 0; i < Size; i++)
        {
            for (var b = Math.Min(Band, i); b >= 1; b--)
                right[i] -= this[i, b] * right[i - b];
        }

        for (var i = 0; i < Size; i++)
            right[i] /= this[i, 0];
        for (var i = Size - 1; i >= 0; i--)
        {
            for (var b = Math.Min(Band, Size - 1 - i); b >= 1; b--)
                right[i] -= this[i + b, b] * right[i + b];
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RiskGrid.Kernels;

/// <summary>Whether a call's arrays, pinned, share memory: all pairs in some fifty nanoseconds, where comparing spans by name takes
/// a microsecond or more.</summary>
internal static unsafe class Aliasing
{
    /// <summary>Room for the outputs, and for the inputs after them.</summary>
    internal const int Outputs = 8;

    /// <summary>Whether any output of so many doubles, or the statuses, share memory with any other array of the call.</summary>
    /// <param name="arrays">The addresses of <see cref="Outputs"/> outputs and as many inputs; zero is none.</param>
    /// <param name="side">The sides.</param>
    /// <param name="status">The statuses.</param>
    /// <param name="count">Elements of every array.</param>
    internal static bool Any(ReadOnlySpan<long> arrays, void* side, void* status, int count)
    {
        if (count == 0) return false;
        long bytes = count, doubles = (long)count * sizeof(double);
        ref var first = ref MemoryMarshal.GetReference(arrays);
        var (a, b) = (Vector256.LoadUnsafe(ref first), Vector256.LoadUnsafe(ref first, 4));
        var (c, d) = (Vector256.LoadUnsafe(ref first, 8), Vector256.LoadUnsafe(ref first, 12));
        var near = Near(a, b, (long)side, doubles, bytes) + Near(a, b, (long)status, doubles, bytes) + Near(c, d, (long)status, doubles, bytes);
        var outputs = 0;
        for (var o = 0; o < Outputs; o++)
        {
            var output = Unsafe.Add(ref first, o);
            if (output == 0) continue;
            near += Near(a, b, output, doubles, doubles) + Near(c, d, output, doubles, doubles);
            outputs++;
        }

        // Each output is near itself.
        var apart = (long)side - (long)status;
        return Vector256.Sum(near) != outputs || (apart < bytes && apart > -bytes);
    }

    // Counts, in each lane, the arrays that begin less than `length` before an address or less than `above` after it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Near(Vector256<long> a, Vector256<long> b, long address, long length, long above)
    {
        var (low, high, at) = (Vector256.Create(-length), Vector256.Create(above), Vector256.Create(address));
        var (x, y) = (a - at, b - at);
        return -((Vector256.LessThan(x, high) & Vector256.GreaterThan(x, low))
            + (Vector256.LessThan(y, high) & Vector256.GreaterThan(y, low)));
    }
}

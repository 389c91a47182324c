namespace RiskGrid.Kernels;

/// <summary>
/// Random numbers keyed (seed, factor, path): each is a function of its three keys alone, so that any range of paths can be drawn
/// anywhere, in any order, with the same bits.
/// </summary>
/// <remarks>
/// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011), section 3.3;
/// normals by Box and Muller, Annals of Mathematical Statistics 29 (1958), p. 610, at most 8.57 in size. A path's uniform and its
/// normal come from the same words: draw one or the other of a (seed, factor). Static and thread-safe; nothing is allocated.
/// </remarks>
public static unsafe class KeyedRandom
{
    /// <summary>Uniforms in (0, 1), midpoints of 2⁵² equal parts, of the paths from <paramref name="firstPath"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A path is below zero or beyond <see cref="long.MaxValue"/>.</exception>
    public static void Uniforms(ulong seed, ulong factor, long firstPath, Span<double> output)
    {
        CheckPaths(firstPath, output.Length);
        fixed (double* to = output) NativeMethods.Check(NativeMethods.Uniforms(seed, factor, firstPath, to, output.Length));
    }

    /// <summary>Standard normals of the paths from <paramref name="firstPath"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A path is below zero or beyond <see cref="long.MaxValue"/>.</exception>
    public static void Normals(ulong seed, ulong factor, long firstPath, Span<double> output)
    {
        CheckPaths(firstPath, output.Length);
        fixed (double* to = output) NativeMethods.Check(NativeMethods.Normals(seed, factor, firstPath, to, output.Length));
    }

    /// <summary>Normals of a covariance C = L Lᵀ from independent ones, path by path: output = L × normals, each sum in the order of
    /// the factors.</summary>
    /// <param name="factors">How many factors there are, n.</param>
    /// <param name="lowerFactor">L, lower triangular, n × n, row by row; what lies above the diagonal is not read.</param>
    /// <param name="normals">n rows of equal length, one path a column.</param>
    /// <param name="output">As <paramref name="normals"/>, in memory of its own.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or the output overlaps an input.</exception>
    public static void Correlate(int factors, ReadOnlySpan<double> lowerFactor, ReadOnlySpan<double> normals, Span<double> output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(factors);
        if (lowerFactor.Length != (long)factors * factors)
            throw new ArgumentException($"lowerFactor holds {lowerFactor.Length} elements and must hold {factors} × {factors}", nameof(lowerFactor));
        if (factors == 0 ? normals.Length != 0 : normals.Length % factors != 0)
            throw new ArgumentException($"normals holds {normals.Length} elements, which is not {factors} rows of one length", nameof(normals));
        Shapes.Require<double>(normals.Length, output, nameof(output), nameof(normals));
        Shapes.RequireApart<double, double>(output, nameof(output), normals, nameof(normals));
        Shapes.RequireApart<double, double>(output, nameof(output), lowerFactor, nameof(lowerFactor));
        fixed (double* lower = lowerFactor, from = normals, to = output)
            NativeMethods.Check(NativeMethods.Correlate(factors, factors == 0 ? 0 : normals.Length / factors, lower, from, to));
    }

    /// <summary>The generator itself, for its known answers.</summary>
    internal static void Philox(ReadOnlySpan<uint> counter, ulong seed, Span<uint> words)
    {
        fixed (uint* from = counter, to = words) NativeMethods.Check(NativeMethods.Philox(from, seed, to));
    }

    private static void CheckPaths(long firstPath, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstPath);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstPath, long.MaxValue - count);
    }
}

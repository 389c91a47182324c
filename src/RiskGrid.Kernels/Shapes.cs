using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RiskGrid.Kernels;

/// <summary>Checks of a call's arrays, once per batch and without allocating.</summary>
internal static class Shapes
{
    internal static void Require<T>(int expected, ReadOnlySpan<T> span, string name, string like)
    {
        if (span.Length != expected) ThrowLength(expected, span.Length, name, like);
    }

    internal static void RequireOrEmpty<T>(int expected, ReadOnlySpan<T> span, string name, string like)
    {
        if (span.Length != 0) Require(expected, span, name, like);
    }

    /// <summary>The memory of <paramref name="output"/> is its own: the kernels store before they have read everything.</summary>
    internal static void RequireApart<TOutput, TOther>(
        ReadOnlySpan<TOutput> output, string name, ReadOnlySpan<TOther> other, string otherName)
        where TOutput : unmanaged
        where TOther : unmanaged
    {
        if (MemoryMarshal.AsBytes(output).Overlaps(MemoryMarshal.AsBytes(other))) ThrowOverlap(name, otherName);
    }

    internal static void RequireApart<TOutput>(ReadOnlySpan<TOutput> output, string name, in SpotBatch batch)
        where TOutput : unmanaged
    {
        RequireApart(output, name, batch.Side, "batch.Side");
        RequireApart(output, name, batch.Spot, "batch.Spot");
        RequireApart(output, name, batch.Strike, "batch.Strike");
        RequireApart(output, name, batch.Time, "batch.Time");
        RequireApart(output, name, batch.Volatility, "batch.Volatility");
        RequireApart(output, name, batch.Rate, "batch.Rate");
        RequireApart(output, name, batch.DividendYield, "batch.DividendYield");
    }

    internal static void RequireApart<TOutput>(ReadOnlySpan<TOutput> output, string name, in ForwardBatch batch)
        where TOutput : unmanaged
    {
        RequireApart(output, name, batch.Side, "batch.Side");
        RequireApart(output, name, batch.Forward, "batch.Forward");
        RequireApart(output, name, batch.Strike, "batch.Strike");
        RequireApart(output, name, batch.Time, "batch.Time");
        RequireApart(output, name, batch.Volatility, "batch.Volatility");
        RequireApart(output, name, batch.Discount, "batch.Discount");
    }

    /// <summary>Lengths of a batch; its count is that of the side.</summary>
    internal static int Count(in SpotBatch batch)
    {
        var count = batch.Side.Length;
        Require(count, batch.Spot, "batch.Spot", "batch.Side");
        Require(count, batch.Strike, "batch.Strike", "batch.Side");
        Require(count, batch.Time, "batch.Time", "batch.Side");
        Require(count, batch.Volatility, "batch.Volatility", "batch.Side");
        Require(count, batch.Rate, "batch.Rate", "batch.Side");
        Require(count, batch.DividendYield, "batch.DividendYield", "batch.Side");
        return count;
    }

    /// <summary>Lengths of a batch, its volatility aside; its count is that of the side.</summary>
    internal static int CountWithoutVolatility(in ForwardBatch batch)
    {
        var count = batch.Side.Length;
        Require(count, batch.Forward, "batch.Forward", "batch.Side");
        Require(count, batch.Strike, "batch.Strike", "batch.Side");
        Require(count, batch.Time, "batch.Time", "batch.Side");
        Require(count, batch.Discount, "batch.Discount", "batch.Side");
        return count;
    }

    internal static int Count(in ForwardBatch batch)
    {
        var count = CountWithoutVolatility(batch);
        Require(count, batch.Volatility, "batch.Volatility", "batch.Side");
        return count;
    }

    internal static void RequireLengths(int count, in GreeksBuffers greeks)
    {
        RequireOrEmpty<double>(count, greeks.Price, "greeks.Price", "batch.Side");
        RequireOrEmpty<double>(count, greeks.Delta, "greeks.Delta", "batch.Side");
        RequireOrEmpty<double>(count, greeks.Gamma, "greeks.Gamma", "batch.Side");
        RequireOrEmpty<double>(count, greeks.Vega, "greeks.Vega", "batch.Side");
        RequireOrEmpty<double>(count, greeks.Theta, "greeks.Theta", "batch.Side");
        RequireOrEmpty<double>(count, greeks.Rho, "greeks.Rho", "batch.Side");
        RequireOrEmpty<double>(count, greeks.Vanna, "greeks.Vanna", "batch.Side");
        RequireOrEmpty<double>(count, greeks.Volga, "greeks.Volga", "batch.Side");
    }

    /// <summary>The Greeks' lengths and that no two of them share memory.</summary>
    internal static void Check(int count, in GreeksBuffers greeks)
    {
        RequireLengths(count, greeks);
        for (var i = 0; i < GreekCount; i++)
            for (var j = 0; j < i; j++)
                RequireApart<double, double>(Greek(greeks, i), GreekName(i), Greek(greeks, j), GreekName(j));
    }

    internal const int GreekCount = 8;

    internal static Span<double> Greek(in GreeksBuffers greeks, int index) => index switch
    {
        0 => greeks.Price,
        1 => greeks.Delta,
        2 => greeks.Gamma,
        3 => greeks.Vega,
        4 => greeks.Theta,
        5 => greeks.Rho,
        6 => greeks.Vanna,
        _ => greeks.Volga,
    };

    internal static string GreekName(int index) => index switch
    {
        0 => "greeks.Price",
        1 => "greeks.Delta",
        2 => "greeks.Gamma",
        3 => "greeks.Vega",
        4 => "greeks.Theta",
        5 => "greeks.Rho",
        6 => "greeks.Vanna",
        _ => "greeks.Volga",
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowLength(int expected, int length, string name, string like) =>
        throw new ArgumentException($"{name} holds {length} elements and must hold {expected}, as {like} calls for", name);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowOverlap(string name, string otherName) =>
        throw new ArgumentException($"{name} shares memory with {otherName}; an output needs memory of its own", name);
}

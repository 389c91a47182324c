using System.Runtime.InteropServices;

namespace RiskGrid.Kernels;

/// <summary>What the loaded native library is.</summary>
public static unsafe class NativeKernels
{
    /// <summary>The instruction set in use: <c>scalar</c>, <c>avx2</c> or <c>avx512</c>. The bits do not depend on it.</summary>
    /// <exception cref="PlatformNotSupportedException">RISKGRID_ISA names one that this processor lacks.</exception>
    public static string InstructionSet { get; } = Read(NativeMethods.InstructionSet());

    /// <summary>The version of the algorithms, for manifests: equal versions give equal bits.</summary>
    public static string Version { get; } = Read(NativeMethods.Version());

    private static string Read(byte* text)
    {
        NativeMethods.Check(NativeMethods.Status());
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }
}

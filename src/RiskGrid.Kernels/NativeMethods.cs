using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RiskGrid.Kernels;

/// <summary>What a call into the native library returns about the call as a whole.</summary>
internal enum NativeResult
{
    Ok = 0,
    NullPointer = 1,
    BadCount = 2,
    UnsupportedInstructionSet = 3,
    BadTrade = 4,
    BadMarketShape = 5,
}

/// <summary>The declarations of <c>native/include/riskgrid/kernels.h</c>, one for one.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "riskgrid_kernels";

    [StructLayout(LayoutKind.Sequential)]
    internal struct SpotBatchPointers
    {
        public long Count;
        public sbyte* Side;
        public double* Spot, Strike, Time, Volatility, Rate, DividendYield;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ForwardBatchPointers
    {
        public long Count;
        public sbyte* Side;
        public double* Forward, Strike, Time, Volatility, Discount;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct GreeksPointers
    {
        public double* Price, Delta, Gamma, Vega, Theta, Rho, Vanna, Volga;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ScenarioTradesPointers
    {
        public long Count;
        public sbyte* Side;
        public double* Strike, Volatility, RootTime, Weight, BaseValue;
        public int* Slice;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ScenarioMarketPointers
    {
        public int Slices;
        public long Count;
        public long Stride;
        public double* Forward, Discount, VolatilityMultiplier;
    }

    [LibraryImport(Library, EntryPoint = "rg_version")]
    internal static partial byte* Version();

    [LibraryImport(Library, EntryPoint = "rg_instruction_set")]
    internal static partial byte* InstructionSet();

    [LibraryImport(Library, EntryPoint = "rg_status")]
    internal static partial NativeResult Status();

    [LibraryImport(Library, EntryPoint = "rg_black_scholes_price")]
    internal static partial NativeResult BlackScholesPrice(SpotBatchPointers* batch, double* price, byte* status, long* refused);

    [LibraryImport(Library, EntryPoint = "rg_black_scholes_greeks")]
    internal static partial NativeResult BlackScholesGreeks(
        SpotBatchPointers* batch, GreeksPointers* greeks, byte* status, long* refused);

    [LibraryImport(Library, EntryPoint = "rg_black76_price")]
    internal static partial NativeResult Black76Price(ForwardBatchPointers* batch, double* price, byte* status, long* refused);

    [LibraryImport(Library, EntryPoint = "rg_black76_greeks")]
    internal static partial NativeResult Black76Greeks(
        ForwardBatchPointers* batch, GreeksPointers* greeks, byte* status, long* refused);

    [LibraryImport(Library, EntryPoint = "rg_black76_implied_volatility")]
    internal static partial NativeResult Black76ImpliedVolatility(
        ForwardBatchPointers* batch, double* price, double* volatility, byte* status, long* refused);

    [LibraryImport(Library, EntryPoint = "rg_bachelier_price")]
    internal static partial NativeResult BachelierPrice(ForwardBatchPointers* batch, double* price, byte* status, long* refused);

    [LibraryImport(Library, EntryPoint = "rg_bachelier_greeks")]
    internal static partial NativeResult BachelierGreeks(
        ForwardBatchPointers* batch, GreeksPointers* greeks, byte* status, long* refused);

    [LibraryImport(Library, EntryPoint = "rg_bachelier_implied_volatility")]
    internal static partial NativeResult BachelierImpliedVolatility(
        ForwardBatchPointers* batch, double* price, double* volatility, byte* status, long* refused);

    [LibraryImport(Library, EntryPoint = "rg_scenario_accumulate")]
    internal static partial NativeResult ScenarioAccumulate(
        ScenarioTradesPointers* trades, ScenarioMarketPointers* market, double* pnl, long* badTrade);

    [LibraryImport(Library, EntryPoint = "rg_scenario_accumulate_float")]
    internal static partial NativeResult ScenarioAccumulateFloat(
        ScenarioTradesPointers* trades, ScenarioMarketPointers* market, double* pnl, long* badTrade);

    [LibraryImport(Library, EntryPoint = "rg_exp")]
    internal static partial NativeResult Exp(double* x, double* y, long count);

    [LibraryImport(Library, EntryPoint = "rg_log")]
    internal static partial NativeResult Log(double* x, double* y, long count);

    [LibraryImport(Library, EntryPoint = "rg_normal_pdf")]
    internal static partial NativeResult NormalPdf(double* x, double* y, long count);

    [LibraryImport(Library, EntryPoint = "rg_normal_cdf")]
    internal static partial NativeResult NormalCdf(double* x, double* y, long count);

    [LibraryImport(Library, EntryPoint = "rg_inverse_normal_cdf")]
    internal static partial NativeResult InverseNormalCdf(double* x, double* y, long count);

    [LibraryImport(Library, EntryPoint = "rg_pow")]
    internal static partial NativeResult Pow(double* x, double* exponent, double* y, long count);

    [LibraryImport(Library, EntryPoint = "rg_philox4x32")]
    internal static partial NativeResult Philox(uint* counter, ulong seed, uint* words);

    [LibraryImport(Library, EntryPoint = "rg_uniforms")]
    internal static partial NativeResult Uniforms(ulong seed, ulong factor, long firstPath, double* output, long count);

    [LibraryImport(Library, EntryPoint = "rg_normals")]
    internal static partial NativeResult Normals(ulong seed, ulong factor, long firstPath, double* output, long count);

    [LibraryImport(Library, EntryPoint = "rg_correlate")]
    internal static partial NativeResult Correlate(long factors, long paths, double* lowerFactor, double* normals, double* output);

    /// <summary>Throws for a failed call; managed code checks shapes first, so what is left is the instruction set.</summary>
    internal static void Check(NativeResult result)
    {
        if (result != NativeResult.Ok) Throw(result);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throw(NativeResult result) =>
        throw (result == NativeResult.UnsupportedInstructionSet
            ? new PlatformNotSupportedException(
                $"RISKGRID_ISA asks for '{Environment.GetEnvironmentVariable("RISKGRID_ISA")}', which this processor or this build"
                + " of the kernels lacks; unset it, or set it to scalar, avx2 or avx512")
            : new InvalidOperationException($"the native kernels refused a call that had passed its checks: {result}"));
}

using System.Runtime.InteropServices;
using static RiskGrid.Kernels.NativeMethods;

namespace RiskGrid.Kernels.Bench;

/// <summary>1,024 options in memory that does not move, so that managed and C++ calls read and write the same places.</summary>
internal sealed unsafe class Sample
{
    public const int Count = 1024;

    private readonly double[][] columns = new double[16][];
    private readonly OptionSide[] side = GC.AllocateArray<OptionSide>(Count, pinned: true);
    private readonly ElementStatus[] status = GC.AllocateArray<ElementStatus>(Count, pinned: true);

    /// <summary>Moneyness 0.5 to 2, 1 day to 5 years, volatility 5 to 150 %; prices from the kernel.</summary>
    public Sample(int seed)
    {
        for (var i = 0; i < columns.Length; i++) columns[i] = GC.AllocateArray<double>(Count, pinned: true);
        var random = new Random(seed);
        double Within(double low, double high) => low * Math.Pow(high / low, random.NextDouble());
        for (var i = 0; i < Count; i++)
        {
            side[i] = i % 2 == 0 ? OptionSide.Put : OptionSide.Call;
            Spot[i] = Within(90, 110);
            Strike[i] = Spot[i] / Within(0.5, 2);
            Time[i] = Within(1 / 365.0, 5);
            Volatility[i] = Within(0.05, 1.5);
            Rate[i] = 0.01 + (0.04 * random.NextDouble());
            Yield[i] = 0.03 * random.NextDouble();
            Discount[i] = Math.Exp(-Rate[i] * Time[i]);
            // Both sides of the money: the price of the other side carries no time value to solve for.
            if (Spot[i] < Strike[i] != (side[i] == OptionSide.Call)) side[i] = (OptionSide)(-(int)side[i]);
        }

        Black76.Price(OnForward, Price, status);
    }

    public double[] Spot => columns[0];
    public double[] Strike => columns[1];
    public double[] Time => columns[2];
    public double[] Volatility => columns[3];
    public double[] Rate => columns[4];
    public double[] Yield => columns[5];
    public double[] Discount => columns[6];
    public double[] Price => columns[7];
    public Span<ElementStatus> Status => status;

    /// <summary>One of eight outputs.</summary>
    public double[] Output(int index) => columns[8 + index];

    public SpotBatch OnSpot => new()
    {
        Side = side, Spot = Spot, Strike = Strike, Time = Time, Volatility = Volatility, Rate = Rate, DividendYield = Yield,
    };

    public ForwardBatch OnForward => new()
    {
        Side = side, Forward = Spot, Strike = Strike, Time = Time, Volatility = Volatility, Discount = Discount,
    };

    public GreeksBuffers FiveGreeks => new()
    {
        Price = Output(0), Delta = Output(1), Gamma = Output(2), Vega = Output(3), Theta = Output(4), Rho = Output(5),
    };

    public SpotBatchPointers SpotPointers => new()
    {
        Count = Count, Side = (sbyte*)At(side), Spot = At(0), Strike = At(1), Time = At(2), Volatility = At(3), Rate = At(4),
        DividendYield = At(5),
    };

    public ForwardBatchPointers ForwardPointers => new()
    {
        Count = Count, Side = (sbyte*)At(side), Forward = At(0), Strike = At(1), Time = At(2), Volatility = At(3), Discount = At(6),
    };

    public GreeksPointers GreekPointers => new()
    {
        Price = At(8), Delta = At(9), Gamma = At(10), Vega = At(11), Theta = At(12), Rho = At(13),
    };

    public double* At(int column) => (double*)At(columns[column]);

    public byte* StatusPointer => (byte*)At(status);

    public void Clear()
    {
        for (var i = 0; i < 8; i++) Array.Clear(Output(i));
        Array.Clear(status);
    }

    /// <summary>The outputs' bits, so that neither side can skip work.</summary>
    public ulong Checksum()
    {
        var sum = 0xCBF29CE484222325;
        for (var i = 0; i < 8; i++)
            foreach (var bits in MemoryMarshal.Cast<double, ulong>(Output(i)))
                sum = (sum ^ bits) * 0x100000001B3;
        return sum;
    }

    private static void* At<T>(T[] array)
        where T : unmanaged => System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
}

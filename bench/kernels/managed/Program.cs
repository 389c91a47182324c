using System.Globalization;
using System.Runtime.InteropServices;
using RiskGrid.Kernels;
using RiskGrid.Kernels.Bench;
using static RiskGrid.Kernels.NativeMethods;

// Managed calls on batches of 1,024 against a C++ loop over the same library, in one process, in turns. One JSON object a line.
// Usage: RiskGrid.Kernels.Bench LOOPS (libbench_loops.so)
var loops = NativeLibrary.Load(args[0]);
var kernels = NativeLibrary.Load("riskgrid_kernels", typeof(Black76).Assembly, null);

unsafe
{
    var price = (delegate* unmanaged<nint, ForwardBatchPointers*, double*, byte*, long, void>)NativeLibrary.GetExport(loops, "loop_price");
    var greeks = (delegate* unmanaged<nint, SpotBatchPointers*, GreeksPointers*, byte*, long, void>)NativeLibrary.GetExport(
        loops, "loop_greeks");
    var implied = (delegate* unmanaged<nint, ForwardBatchPointers*, double*, double*, byte*, long, void>)NativeLibrary.GetExport(
        loops, "loop_implied");
    var ourPrice = NativeLibrary.GetExport(kernels, "rg_black76_price");
    var ourGreeks = NativeLibrary.GetExport(kernels, "rg_black_scholes_greeks");
    var ourImplied = NativeLibrary.GetExport(kernels, "rg_black76_implied_volatility");

    Run("Black-76 price, managed, 1,024 a call", 100,
        (s, calls) =>
        {
            for (var i = 0; i < calls; i++) Black76.Price(s.OnForward, s.Output(0), s.Status);
        },
        (s, calls) =>
        {
            var batch = s.ForwardPointers;
            price(ourPrice, &batch, s.At(8), s.StatusPointer, calls);
        });
    Run("Black-Scholes price + 5 Greeks, managed, 1,024 a call", 50,
        (s, calls) =>
        {
            for (var i = 0; i < calls; i++) BlackScholes.Greeks(s.OnSpot, s.FiveGreeks, s.Status);
        },
        (s, calls) =>
        {
            var batch = s.SpotPointers;
            var outputs = s.GreekPointers;
            greeks(ourGreeks, &batch, &outputs, s.StatusPointer, calls);
        });
    Run("implied volatility, managed, 1,024 a call", 30,
        (s, calls) =>
        {
            for (var i = 0; i < calls; i++) Black76.ImpliedVolatility(s.OnForward, s.Price, s.Output(0), s.Status);
        },
        (s, calls) =>
        {
            var batch = s.ForwardPointers;
            implied(ourImplied, &batch, s.At(7), s.At(8), s.StatusPointer, calls);
        });
}

static void Run(string kernel, int calls, Action<Sample, int> managed, Action<Sample, int> native)
{
    const int Rounds = 301;
    Sample[] samples = [new(1), new(2), new(3), new(4)];
    var (ours, theirs) = (new List<double>(), new List<double>());
    // Until the runtime has compiled everything for good, which it does in steps and in the background.
    for (var warm = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(warm).TotalSeconds < 4;)
    {
        managed(samples[0], calls);
        native(samples[0], calls);
    }

    for (var round = 0; round < Rounds; round++)
    {
        var sample = samples[round % samples.Length];
        // Each goes first in turn: the second finds the caches as the first has left them.
        var managedFirst = round % 2 == 0;
        var (first, firstSum) = Time(sample, managedFirst ? managed : native);
        var (second, secondSum) = Time(sample, managedFirst ? native : managed);
        if (firstSum != secondSum) throw new InvalidOperationException($"{kernel}: managed and C++ calls left different bits");
        ours.Add(managedFirst ? first : second);
        theirs.Add(managedFirst ? second : first);
    }

    (double Nanoseconds, ulong Checksum) Time(Sample sample, Action<Sample, int> work)
    {
        sample.Clear();
        var start = TimeProvider.System.GetTimestamp();
        work(sample, calls);
        return (TimeProvider.System.GetElapsedTime(start).TotalNanoseconds / ((double)calls * Sample.Count), sample.Checksum());
    }

    var (us, them) = (Median(ours), Median(theirs));
    FormattableString row =
        $$"""{"kernel":"{{kernel}}","ours_ns":{{us:G4}},"peer":"our own C++ call","peer_ns":{{them:G4}},"ratio":{{them / us:G4}},"isa":"{{NativeKernels.InstructionSet}}"}""";
    Console.WriteLine(row.ToString(CultureInfo.InvariantCulture));
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RiskGrid.Kernels.Tests;

/// <summary>Run as a program, the tests print a digest of every output of the managed face, for comparison between processes; with
/// <c>tables</c> they write the tables of docs/kernels.md.</summary>
internal static class Program
{
    public static void Main(string[] arguments)
    {
        if (arguments is ["tables"])
            File.WriteAllText(AccuracyTables.Document, AccuracyTables.Write(File.ReadAllText(AccuracyTables.Document)));
        else
            Console.WriteLine($"instruction set: {NativeKernels.InstructionSet}\ndigest: {Digest()}");
    }

    public static string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var output in new Columns(3001, new Draw(71)).Run()) hash.AppendData(MemoryMarshal.AsBytes<double>(output));
        var (normals, correlated) = (new double[3 * 1001], new double[3 * 1001]);
        KeyedRandom.Normals(71, 72, 73, normals);
        KeyedRandom.Correlate(3, [1, 0, 0, 0.3, 0.9, 0, -0.2, 0.1, 0.7], normals, correlated);
        hash.AppendData(MemoryMarshal.AsBytes<double>(normals));
        hash.AppendData(MemoryMarshal.AsBytes<double>(correlated));
        foreach (var kernel in new PnlKernel[] { ScenarioKernel.AccumulatePnl, ScenarioKernel.AccumulatePnlFloat })
            hash.AppendData(MemoryMarshal.AsBytes<double>(new Book(19, 2, 301, new Draw(74)) { Kernel = kernel }.Accumulate(0, 301)));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

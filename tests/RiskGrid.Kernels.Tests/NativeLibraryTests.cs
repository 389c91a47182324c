using System.Diagnostics;

namespace RiskGrid.Kernels.Tests;

/// <summary>The library as it is loaded, and its own test of the instruction sets.</summary>
public sealed class NativeLibraryTests
{
    [Fact]
    public void The_library_says_what_it_is()
    {
        Assert.Contains(NativeKernels.InstructionSet, new[] { "scalar", "avx2", "avx512" });
        Assert.Matches(@"^\d+\.\d+\.\d+$", NativeKernels.Version);
    }

    [Fact]
    public void Every_instruction_set_of_this_processor_gives_equal_bits()
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "native/build/equal_bits"), "40000")
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"instruction sets disagree:\n{output}");
    }
}

namespace RiskGrid.Kernels.Tests;

/// <summary>The library as it is loaded.</summary>
public sealed class NativeLibraryTests
{
    [Fact]
    public void The_library_says_what_it_is()
    {
        Assert.Contains(NativeKernels.InstructionSet, new[] { "scalar", "avx2", "avx512" });
        Assert.Matches(@"^\d+\.\d+\.\d+$", NativeKernels.Version);
    }
}

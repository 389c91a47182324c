using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace RiskGrid.Kernels.Tests;

/// <summary>One set of bits on every instruction set, under every runtime and every C library.</summary>
/// <remarks><c>RISKGRID_EQUAL_BITS=10000000</c> runs the long form: that many random inputs.</remarks>
public sealed class EqualBitsTests
{
    private const int ShortForm = 1_000_000;
    private static readonly string Native = Path.Combine(Repository.Root, "native/build/equal_bits");

    public static TheoryData<string, string> Switches => Child.Switches;

    [Fact]
    public void Every_instruction_set_of_this_processor_gives_the_scalar_bits_for_every_output()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("RISKGRID_EQUAL_BITS"), CultureInfo.InvariantCulture, out var asked)
            ? asked : ShortForm;
        var output = Child.Run(Native, [count.ToString(CultureInfo.InvariantCulture)]);
        Assert.StartsWith($"{count} random", Child.Line(output, "inputs: "), StringComparison.Ordinal);
        foreach (var name in Supported().Where(name => name is not "scalar"))
            Assert.Contains(name, Child.Line(output, "compared with scalar:"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_C_library_without_wide_instructions_changes_no_bit()
    {
        // The baseline calls the C library's fma, which then computes in software: slow, so the inputs are few.
        const string Few = "2000";
        var (name, value) = ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4,-AVX");
        var expected = Child.Line(Child.Run(Native, [Few]), "digest: ");
        Assert.Equal(expected, Child.Line(Child.Run(Native, [Few], (name, value)), "digest: "));
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public void The_managed_face_gives_one_set_of_bits_on_every_instruction_set_and_under_every_switch(string name, string value)
    {
        var expected = Program.Digest();
        foreach (var set in Supported())
        {
            var output = Child.Run("dotnet", [typeof(Program).Assembly.Location], (name, value), ("RISKGRID_ISA", set));
            Assert.Equal(set, Child.Line(output, "instruction set: "));
            Assert.True(expected == Child.Line(output, "digest: "), $"{set} under {name}={value} gives other bits");
        }
    }

    [Fact]
    public void An_instruction_set_that_is_not_there_is_refused_by_name()
    {
        var failure = Assert.ThrowsAny<Exception>(() =>
            Child.Run("dotnet", [typeof(Program).Assembly.Location], ("RISKGRID_ISA", "avx1024")));
        Assert.Contains("RISKGRID_ISA asks for 'avx1024'", failure.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Supported()
    {
        yield return "scalar";
        if (Fma.IsSupported) yield return "avx2";
        if (Avx512DQ.IsSupported) yield return "avx512";
    }
}

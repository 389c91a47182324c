namespace RiskGrid.Kernels.Tests;

/// <summary>The native tests built with AddressSanitizer and UndefinedBehaviorSanitizer, and the fuzz target's short form. The long
/// form is <c>native/fuzz.sh</c>.</summary>
public sealed class SanitizedTests
{
    private static readonly string Native = Path.Combine(Repository.Root, "native/build");

    [Fact]
    public void Every_kernel_runs_clean_under_the_sanitizers()
    {
        var output = Child.Run(Path.Combine(Native, "sanitized/equal_bits"), ["5000"]);
        Assert.StartsWith("5000 random", Child.Line(output, "inputs: "), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sanitized/fuzz_implied", "50000", "1")]
    [InlineData("fuzz_implied", "1000000", "2")]
    public void Implied_volatility_keeps_its_promises_on_whatever_comes(string program, string inputs, string seed) =>
        Assert.Contains("every promise held", Child.Run(Path.Combine(Native, program), [inputs, seed]), StringComparison.Ordinal);

    [Fact]
    public void The_sanitized_build_is_sanitized() =>
        Assert.Contains("__asan_init", Child.Run("nm", ["-D", Path.Combine(Native, "sanitized/equal_bits")]), StringComparison.Ordinal);
}

using System.Text.RegularExpressions;

namespace RiskGrid.Kernels.Tests;

/// <summary>The compiled objects, disassembled: none holds an instruction wider than its processor has.</summary>
public sealed partial class BaselineCodeTests
{
    private static readonly string Objects = Path.Combine(Repository.Root, "native/build/CMakeFiles/kernel_objects.dir/src");

    [Theory]
    [InlineData("isa_scalar")]
    [InlineData("dispatch")]
    [InlineData("interface")]
    public void The_baseline_holds_no_instruction_beyond_SSE2(string unit) => RequireNone(unit, BeyondSse2());

    [Fact]
    public void The_AVX2_kernels_hold_no_AVX512_instruction() => RequireNone("isa_avx2", Avx512());

    [Fact]
    public void The_check_sees_wide_instructions_where_they_are()
    {
        Assert.Matches(BeyondSse2(), Disassemble("isa_avx2"));
        Assert.Matches(Avx512(), Disassemble("isa_avx512"));
    }

    [Theory]
    [InlineData("isa_scalar")]
    [InlineData("isa_avx2")]
    [InlineData("isa_avx512")]
    public void A_unit_exports_its_table_and_nothing_that_could_merge_with_another(string unit)
    {
        // nm: lower-case kinds are local; V and W are the weak symbols of which the linker keeps any one.
        var shared = Child.Run("nm", ["--defined-only", Object(unit)]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(parts => char.IsUpper(parts[^2][0])).ToArray();
        var only = Assert.Single(shared);
        Assert.Equal("T", only[^2]);
        Assert.Contains($"{unit["isa_".Length..]}_kernels", only[^1], StringComparison.Ordinal);
    }

    private static string Object(string unit) => Path.Combine(Objects, unit + ".cpp.o");

    private static string Disassemble(string unit) => Child.Run("objdump", ["-d", "--no-show-raw-insn", Object(unit)]);

    private static void RequireNone(string unit, Regex forbidden)
    {
        var code = Disassemble(unit);
        Assert.True(code.Count(c => c == '\n') > 50, $"{unit} holds next to no code:\n{code}");
        var found = forbidden.Match(code);
        Assert.False(found.Success, $"{unit} holds an instruction that its processors may lack: {found.Value}");
    }

    // VEX and EVEX mnemonics begin with v, AVX-512 mask ones with k; the rest came with SSE3 to SSE4.2, BMI, ADX, AES and SHA.
    [GeneratedRegex(
        @"(?m)^.*:\t(v(?!err|erw)|k[a-z]|addsub|h(add|sub)p|lddqu|mov(ddup|shdup|sldup|ntdqa|be)|p(abs|align|hadd|hsub|maddub|mulhrs|shufb|"
        + @"sign|blend|cmp(eqq|gtq|[ei]str)|extr[bdq]|insr[bdq]|max(s[bd]|u[dw])|min(s[bd]|u[dw])|mov[sz]x|mul(dq|ld)|test|ackusdw|clmul)|"
        + @"blend|dpp|extractps|insertps|mpsad|phminpos|round[ps][sd]|crc32|popcnt|lzcnt|tzcnt|andn[^p]|bextr|bls|bzhi|mulx|pdep|pext|rorx|"
        + @"sarx|shlx|shrx|ad[co]x|aes|sha[12]).*$|^.*%([yz]mm|k[0-7]).*$")]
    private static partial Regex BeyondSse2();

    [GeneratedRegex(@"(?m)^.*(%zmm|%k[0-7]|%[xy]mm(1[6-9]|2\d|3[01])|\tk[a-z]+\s).*$")]
    private static partial Regex Avx512();
}

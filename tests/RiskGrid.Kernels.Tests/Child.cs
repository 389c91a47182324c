using System.Diagnostics;

namespace RiskGrid.Kernels.Tests;

/// <summary>A program that a test runs to its end; its standard output is what it says.</summary>
internal static class Child
{
    /// <summary>Switches that turn down what the runtime, and what the C library, may use of the processor.</summary>
    public static TheoryData<string, string> Switches => new()
    {
        { "", "" },
        { "DOTNET_EnableAVX2", "0" },
        { "DOTNET_EnableAVX", "0" },
        { "DOTNET_EnableHWIntrinsic", "0" },
        { "GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4,-AVX" },
    };

    public static string Run(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
            if (name.Length > 0) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}\n{error.Result}");
        return output;
    }

    /// <summary>What follows <paramref name="label"/> on its line.</summary>
    public static string Line(string output, string label) =>
        output.Split('\n').Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..].Trim();
}

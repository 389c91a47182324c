using System.Globalization;

namespace RiskGrid.Cluster.Bench;

/// <summary>What is measured, and how long.</summary>
/// <param name="Program">riskgrid.dll</param>
/// <param name="Paths">Of the Monte Carlo runs that scaling is measured with.</param>
/// <param name="Rounds">Turns of each part.</param>
/// <param name="Only">The parts to measure.</param>
/// <param name="Json">One JSON document on stdout.</param>
internal sealed record BenchOptions(string Program, int Paths, int Rounds, IReadOnlySet<string> Only, bool Json)
{
    private static readonly string[] Parts = ["scaling", "join", "recover", "calls"];

    /// <summary>Reads <c>PROGRAM [--paths N] [--rounds N] [--only PART[,PART...]] [--json]</c>.</summary>
    /// <exception cref="ArgumentException">What is wrong, and what is allowed.</exception>
    public static BenchOptions Parse(string[] arguments)
    {
        var options = new BenchOptions(arguments[0], 1_000_000, 3, Parts.ToHashSet(StringComparer.Ordinal), false);
        for (var i = 1; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value");
            options = arguments[i] switch
            {
                "--json" => options with { Json = true },
                "--paths" => options with { Paths = Number("--paths", Value(), 1_000, 10_000_000) },
                "--rounds" => options with { Rounds = Number("--rounds", Value(), 1, 100) },
                "--only" => options with { Only = PartsOf(Value()) },
                var other => throw new ArgumentException($"'{other}' is not an option; there are --json, --paths N, --rounds N and --only {string.Join('|', Parts)}"),
            };
        }

        return options;
    }

    private static int Number(string name, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{name}: '{text}' is not a number from {least} to {most}");

    private static HashSet<string> PartsOf(string text)
    {
        var parts = text.Split(',').ToHashSet(StringComparer.Ordinal);
        return parts.IsSubsetOf(Parts) ? parts : throw new ArgumentException($"--only: '{text}' is none of {string.Join(", ", Parts)}");
    }
}

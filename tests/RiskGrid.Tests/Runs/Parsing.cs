using System.CommandLine;

namespace RiskGrid.Tests.Runs;

/// <summary>Options as a person writes them, made into what a test looks at.</summary>
internal static class Parsing
{
    public static ParseResult Parse(Action<Command> addOptions, params string[] arguments)
    {
        var command = new Command("test");
        addOptions(command);
        var parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return parsed;
    }
}

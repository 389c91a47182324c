using System.CommandLine;

namespace RiskGrid.Cli.Commands;

internal static class LoadCommand
{
    public static Command Create() => new("load", "Loads.");
}

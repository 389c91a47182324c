using System.CommandLine;

namespace RiskGrid.Cli;

/// <summary>Options that mean the same in every command.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document on stdout; everything else goes to stderr." };

    public static Option<Uri> Address() => new("--address")
    {
        Description = "The server's gRPC address.",
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:7001"),
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
            if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp)
                return address;
            result.AddError($"--address: '{text}' is not an address such as http://127.0.0.1:7001");
            return null;
        },
    };

    public static Option<string> Data() => new("--data")
    {
        Description = "The folder with the sample market (options/, history/).",
        DefaultValueFactory = _ => SampleData.DefaultFolder(),
    };

    public static Option<string> LogLevel(string level) => new("--log-level")
    {
        Description = "Least severity that is logged to stderr: verbose, debug, information, warning, error.",
        DefaultValueFactory = _ => level,
    };
}

using System.CommandLine;

namespace RiskGrid.Cli;

/// <summary>Options that mean the same in every command.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document on stdout; everything else goes to stderr." };

    public static Option<IReadOnlyList<Uri>> Address() => new("--address")
    {
        Description = "The server's gRPC address; of several gateways all, separated by commas: the next is tried when one fails.",
        DefaultValueFactory = _ => [new Uri("http://127.0.0.1:7001")],
        CustomParser = result =>
        {
            var texts = result.Tokens.Count == 1 ? result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries) : [];
            var addresses = new List<Uri>();
            foreach (var text in texts)
            {
                if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp)
                    addresses.Add(address);
                else
                    result.AddError($"--address: '{text}' is not an address such as http://127.0.0.1:7001");
            }

            return addresses;
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

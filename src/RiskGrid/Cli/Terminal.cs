using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;
using Spectre.Console;

namespace RiskGrid.Cli;

/// <summary>The two channels of a command: results on stdout, everything else on stderr.</summary>
internal static class Terminal
{
    /// <summary>Tables and answers for people.</summary>
    public static IAnsiConsole Out { get; } = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>Progress and remarks.</summary>
    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Serilog to stderr: readable on a terminal, one JSON object a line otherwise.</summary>
    public static Microsoft.Extensions.Logging.ILoggerFactory CreateLogging(string level)
    {
        if (!Enum.TryParse<LogEventLevel>(level, ignoreCase: true, out var least))
            throw new UsageException($"--log-level: '{level}' is not one of verbose, debug, information, warning, error");
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(least)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .Enrich.FromLogContext();
        configuration = Console.IsErrorRedirected
            ? configuration.WriteTo.Console(new JsonFormatter(renderMessage: true), standardErrorFromLevel: LogEventLevel.Verbose)
            : configuration.WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}", standardErrorFromLevel: LogEventLevel.Verbose);
        return new Serilog.Extensions.Logging.SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }

    /// <summary>Writes one line to stdout, however long: nothing is wrapped.</summary>
    public static void WriteLine(string line = "") => Console.Out.WriteLine(line);

    /// <summary>Writes one JSON document to stdout.</summary>
    public static void WriteJson(System.Text.Json.Nodes.JsonNode document) => Console.Out.WriteLine(document.ToJsonString(JsonOptions));

    private static readonly System.Text.Json.JsonSerializerOptions JsonOptions = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });

        // A file or a pipe has no width of its own: tables keep their shape.
        if (redirected)
            console.Profile.Width = 200;
        return console;
    }
}

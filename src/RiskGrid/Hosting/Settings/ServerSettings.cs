using System.Globalization;
using RiskGrid.Ledger;
using RiskGrid.Ledger.Cache;
using RiskGrid.Model;
using Serilog.Events;

namespace RiskGrid.Hosting.Settings;

/// <summary>How a process of the grid is set up. <see cref="ToString"/> shows no secret.</summary>
internal sealed record ServerSettings
{
    private const int MostOffset = 7 * 24 * 3600;
    private static readonly string[] LedgerSchemes = ["postgres", "postgresql"];

    /// <summary>What people call the process.</summary>
    public string Name { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>The broker; null when everything runs in this process.</summary>
    public Uri? Broker { get; init; }

    /// <summary>What the cluster's queues begin with.</summary>
    public string Prefix { get; init; } = "rg";

    /// <summary>A full path, or an address.</summary>
    public string Ledger { get; init; } = Path.GetFullPath("riskgrid.db");

    /// <summary>Where reads are cached; null for nowhere.</summary>
    public Uri? Cache { get; init; }

    /// <summary>Where traces and metrics go; null for nowhere.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>Address to listen on.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    /// <summary>Null where none was set.</summary>
    public int? GrpcPort { get; init; }

    /// <summary>Null where none was set.</summary>
    public int? HttpPort { get; init; }

    /// <summary>Threads that compute.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>The history panel; null for the sample.</summary>
    public string? History { get; init; }

    /// <summary>The folder with the sample market; null for the checkout's.</summary>
    public string? Data { get; init; }

    /// <summary>Least severity that is logged.</summary>
    public string LogLevel { get; init; } = "information";

    /// <summary>By how much the process takes its clock to be ahead.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>Whether several processes may use the ledger.</summary>
    public bool LedgerIsShared => HasScheme(Ledger, LedgerSchemes);

    /// <summary>Reads what was set.</summary>
    /// <exception cref="SettingsException">A value is refused; the message names its source.</exception>
    public static ServerSettings From(IReadOnlyDictionary<Setting, SettingValue> values)
    {
        var settings = new ServerSettings();
        foreach (var (setting, value) in values)
            settings = settings.With(setting, value);
        return settings;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: broker {Show(Broker)}, ledger {Secrets.Mask(Ledger)}, cache {Show(Cache)}, otlp {Show(Otlp)}, {Threads} threads";

    private ServerSettings With(Setting setting, SettingValue value) => setting.Key switch
    {
        "name" => this with { Name = Word(value, 64) },
        "broker" => this with { Broker = BrokerOf(value) },
        "prefix" => this with { Prefix = Word(value, 32) },
        "ledger" => this with { Ledger = LedgerOf(value) },
        "cache" => this with { Cache = CacheOf(value) },
        "otlp_endpoint" => this with { Otlp = Address(value, "http://HOST:4318", "http", "https") },
        "listen" => this with { Listen = value.Text },
        "grpc_port" => this with { GrpcPort = Number(value, 0, 65535) },
        "http_port" => this with { HttpPort = Number(value, 0, 65535) },
        "threads" => this with { Threads = Number(value, 1, 1024) },
        "history" => this with { History = Path.GetFullPath(value.Text, value.Folder) },
        "data" => this with { Data = Path.GetFullPath(value.Text, value.Folder) },
        "log_level" => this with { LogLevel = Level(value) },
        "clock_offset" => this with { ClockOffset = TimeSpan.FromSeconds(Number(value, -MostOffset, MostOffset)) },
        _ => throw new InvalidOperationException($"the setting {setting} is read nowhere"),
    };

    private static string Show(Uri? address) => address is null ? "none" : Secrets.Mask(address.OriginalString);

    // Whatever is refused may be a password in the wrong place: it is not repeated.
    private static Uri Address(SettingValue value, string example, params string[] schemes) =>
        HasScheme(value.Text, schemes) && Uri.TryCreate(value.Text, UriKind.Absolute, out var address) && address.Host.Length > 0
            ? address
            : throw new SettingsException($"{value.Source} is no address such as {example}");

    private static string LedgerOf(SettingValue value)
    {
        const string Sqlite = "sqlite:";
        if (value.Text == ":memory:")
            return value.Text;
        if (value.Text.StartsWith(Sqlite, StringComparison.OrdinalIgnoreCase))
            return Path.GetFullPath(value.Text[Sqlite.Length..], value.Folder);
        if (!value.Text.Contains("://", StringComparison.Ordinal))
            return value.Text.Length > 0 ? Path.GetFullPath(value.Text, value.Folder) : throw new SettingsException($"{value.Source} is empty");
        Address(value, "postgres://USER:PASSWORD@HOST:5432/DATABASE, nor a file's path", LedgerSchemes);
        try
        {
            Ledgers.Describe(value.Text);
            return value.Text;
        }
        catch (ValidationException e)
        {
            throw new SettingsException($"{value.Source}: {e.Reason}");
        }
    }

    private static Uri BrokerOf(SettingValue value)
    {
        const string Example = "amqp://USER:PASSWORD@HOST:5672/";
        var address = Address(value, Example, "amqp", "amqps");
        return address.Segments.Length <= 2
            ? address
            : throw new SettingsException($"{value.Source} is no address such as {Example}VHOST: a slash in a virtual host's name is written %2F");
    }

    private static Uri CacheOf(SettingValue value)
    {
        const string Form = "redis://[:PASSWORD@]HOST:PORT[/DATABASE]";
        var address = Address(value, Form, "redis");
        try
        {
            RedisCacheOptions.Parse(value.Text);
            return address;
        }
        catch (ArgumentException)
        {
            throw new SettingsException($"{value.Source} is no address such as {Form}: it names no user, and DATABASE is a number");
        }
    }

    private static bool HasScheme(string text, string[] schemes) =>
        Array.Exists(schemes, scheme => text.StartsWith(scheme + "://", StringComparison.OrdinalIgnoreCase));

    private static string Word(SettingValue value, int longest) =>
        value.Text.Length > 0 && value.Text.Length <= longest && value.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? value.Text
            : throw new SettingsException($"{value.Source}: '{value.Text}' is not 1 to {longest} letters, digits, hyphens, dots or underscores");

    private static int Number(SettingValue value, int least, int most) =>
        int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new SettingsException($"{value.Source}: '{value.Text}' is not a number from {least} to {most}");

    private static string Level(SettingValue value) =>
        Enum.TryParse<LogEventLevel>(value.Text, ignoreCase: true, out _)
            ? value.Text
            : throw new SettingsException($"{value.Source}: '{value.Text}' is not one of verbose, debug, information, warning, error");
}

using RiskGrid.Acceptance.Processes;
using RiskGrid.Hosting.Settings;

namespace RiskGrid.Tests.Settings;

public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _flags = [];
    private readonly Dictionary<string, string> _environment = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Flags_go_before_the_environment_and_the_environment_before_the_file()
    {
        var config = _folder.Write("riskgrid.json", """{ "name": "file", "threads": 3, "prefix": "from-file", /* a comment */ }""");
        _environment["RISKGRID_CONFIG"] = config;
        _environment["RISKGRID_NAME"] = "environment";
        _environment["RISKGRID_THREADS"] = "4";
        _flags["--name"] = "flag";
        var settings = Read();
        Assert.Equal("flag", settings.Name);
        Assert.Equal(4, settings.Threads);
        Assert.Equal("from-file", settings.Prefix);
        Assert.Equal(
            "other",
            Read(_folder.Write("other.json", """{ "prefix": "other" }""")).Prefix);
    }

    [Fact]
    public void Nothing_set_means_one_process_on_this_machine()
    {
        var settings = Read();
        Assert.Null(settings.Broker);
        Assert.Null(settings.GrpcPort);
        Assert.Equal(Path.GetFullPath("riskgrid.db"), settings.Ledger);
        Assert.False(settings.LedgerIsShared);
        Assert.Equal(Environment.ProcessorCount, settings.Threads);
    }

    [Fact]
    public void An_empty_variable_is_one_that_is_not_set()
    {
        _environment["RISKGRID_BROKER"] = "";
        Assert.Null(Read().Broker);
    }

    [Fact]
    public void A_secret_comes_from_a_file_without_its_line_break()
    {
        _folder.Write("broker.secret", "amqp://risk:s3cret@broker:5673/desk\n");
        _environment["RISKGRID_BROKER_FILE"] = _folder.File("broker.secret");
        _folder.Write("ledger.secret", "postgres://risk:s3cret@db/risk\r\n");
        var settings = Read(_folder.Write("riskgrid.json", """{ "ledger_file": "ledger.secret" }"""));
        Assert.Equal(new Uri("amqp://risk:s3cret@broker:5673/desk"), settings.Broker);
        Assert.Equal("postgres://risk:s3cret@db/risk", settings.Ledger);
        Assert.True(settings.LedgerIsShared);
        Assert.DoesNotContain("s3cret", settings.ToString(), StringComparison.Ordinal);
        Assert.Contains("amqp://***@broker:5673/desk", settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_in_the_file_are_relative_to_it()
    {
        var settings = Read(_folder.Write("riskgrid.json", """{ "ledger": "books.db", "history": "panel.csv" }"""));
        Assert.Equal(_folder.File("books.db"), settings.Ledger);
        Assert.Equal(_folder.File("panel.csv"), settings.History);
        _flags["--ledger"] = "sqlite:books.db";
        Assert.Equal(Path.GetFullPath("books.db"), Read().Ledger);
    }

    [Fact]
    public void An_unknown_key_is_refused_by_name_with_those_that_are_known()
    {
        var message = Refused(_folder.Write("riskgrid.json", """{ "brokr": "amqp://x" }"""), "brokr", "riskgrid.json");
        foreach (var setting in Setting.All)
            Assert.Contains(setting.Key, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "broker": "amqp://a", "broker_file": "b" }""", "broker")]
    [InlineData("""{ "name": "a", "name": "b" }""", "name")]
    [InlineData("""{ "name": true }""", "name")]
    [InlineData("""{ "threads": 2.5 }""", "threads")]
    [InlineData("""{ "ledger_file": "nowhere" }""", "nowhere")]
    [InlineData("""["name"]""", "riskgrid.json")]
    [InlineData("""{ "name": """, "not JSON")]
    public void A_file_that_makes_no_sense_is_refused_with_the_reason(string text, string named)
    {
        _folder.Write("b", "amqp://b");
        Refused(_folder.Write("riskgrid.json", text), named);
    }

    [Fact]
    public void A_variable_and_its_file_are_not_both_read()
    {
        _environment["RISKGRID_LEDGER"] = "a.db";
        _environment["RISKGRID_LEDGER_FILE"] = _folder.Write("l", "b.db");
        Refused(null, "RISKGRID_LEDGER", "RISKGRID_LEDGER_FILE");
    }

    [Theory]
    [InlineData("RISKGRID_BROKER", "amqp//risk:s3cret@host")]
    [InlineData("RISKGRID_BROKER", "http://risk:s3cret@host")]
    [InlineData("RISKGRID_LEDGER", "mysql://risk:s3cret@host/db")]
    [InlineData("RISKGRID_LEDGER", "postgres://")]
    [InlineData("RISKGRID_CACHE", "s3cret")]
    [InlineData("RISKGRID_CACHE", "redis://default:s3cret@host:6379")]
    [InlineData("RISKGRID_CACHE", "redis://host/s3cret")]
    [InlineData("RISKGRID_CACHE", "redis://host?password=s3cret")]
    [InlineData("RISKGRID_LEDGER", "postgres://host/s3cret")]
    [InlineData("RISKGRID_LEDGER", "postgres://risk:s3cret@host")]
    [InlineData("RISKGRID_BROKER", "amqp://risk:x@host/s3cret/b")]
    [InlineData("RISKGRID_OTLP_ENDPOINT", "risk:s3cret@host:4317")]
    [InlineData("RISKGRID_THREADS", "0")]
    [InlineData("RISKGRID_GRPC_PORT", "65536")]
    [InlineData("RISKGRID_HTTP_PORT", "-1")]
    [InlineData("RISKGRID_NAME", "two words")]
    [InlineData("RISKGRID_PREFIX", "")]
    [InlineData("RISKGRID_LOG_LEVEL", "loud")]
    [InlineData("RISKGRID_CLOCK_OFFSET", "1h")]
    public void A_value_that_is_refused_is_named_by_its_source_and_a_secret_not_repeated(string variable, string value)
    {
        if (value.Length == 0)
            _flags["--" + variable["RISKGRID_".Length..].ToLowerInvariant()] = value;
        else
            _environment[variable] = value;
        var message = Refused(null, value.Length == 0 ? "--prefix" : variable);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://guest:guest@127.0.0.1:5672/", "amqp://***@127.0.0.1:5672/")]
    [InlineData("postgres://risk@db:5432/risk", "postgres://***@db:5432/risk")]
    [InlineData("postgres://a:p@ss/w@db/risk?password=x", "postgres://***@db/risk?***")]
    [InlineData("redis://cache:6379/2", "redis://cache:6379/2")]
    [InlineData("/var/lib/riskgrid.db", "/var/lib/riskgrid.db")]
    public void An_address_is_shown_without_what_lets_one_in(string address, string shown) => Assert.Equal(shown, Secrets.Mask(address));

    [Fact]
    public void Every_setting_has_its_row_in_the_documentation()
    {
        var rows = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "docs", "cluster.md"));
        Assert.All(Setting.All, s => Assert.Contains(rows, r => r.StartsWith($"| `{s.Key}` | `{s.Flag}`", StringComparison.Ordinal)));
    }

    private string Refused(string? config, params string[] named)
    {
        var refusal = Assert.Throws<SettingsException>(() => Read(config));
        foreach (var name in named)
            Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        return refusal.Message;
    }

    private ServerSettings Read(string? config = null) => ServerSettings.From(SettingSources.Read(
        setting => _flags.GetValueOrDefault(setting.Flag), name => _environment.GetValueOrDefault(name), config));
}

namespace RiskGrid.Hosting.Settings;

/// <summary>One thing that can be set: as a flag, as a variable of the environment or in the configuration file, in this order.</summary>
/// <param name="Key">As the configuration file spells it: <c>grpc_port</c>.</param>
/// <param name="Description">For the help.</param>
internal sealed record Setting(string Key, string Description)
{
    public static readonly Setting Name = new("name", "What people call this process; the machine's name and the process's id unless set.");

    public static readonly Setting Broker = new(
        "broker", "RabbitMQ that joins processes to one cluster: amqp://USER:PASSWORD@HOST:PORT/VHOST. Without one, everything runs in this process.");

    public static readonly Setting Prefix = new("prefix", "What the cluster's queues begin with: clusters that share a broker differ in it. Default: rg");

    public static readonly Setting Ledger = new(
        "ledger", "The durable truth: a file (SQLite), made when it does not exist, or postgres://USER:PASSWORD@HOST:PORT/DATABASE. Default: riskgrid.db");

    public static readonly Setting Cache = new("cache", "Redis that makes reads quicker: redis://[:PASSWORD@]HOST:PORT[/DATABASE]. Losing it loses speed only.");

    public static readonly Setting Otlp = new("otlp_endpoint", "Where traces and metrics go over OTLP: http://HOST:4318, or port 4317 for gRPC. Nowhere unless set.");

    public static readonly Setting Listen = new("listen", "Address to listen on: a loopback address. Default: 127.0.0.1");

    public static readonly Setting GrpcPort = new("grpc_port", "Port of gRPC (HTTP/2 in clear text); 0 chooses a free one. Default: 7001");

    public static readonly Setting HttpPort = new("http_port", "Port of Connect, JSON and health (HTTP/1.1); 0 chooses a free one. Default: 7002; a silo opens none unless set, then for health alone");

    public static readonly Setting Threads = new("threads", "Threads that compute. Default: one a core");

    public static readonly Setting History = new("history", "History panel (CSV, may be gzipped) of the scenarios behind VaR and ES; the sample panel unless named.");

    public static readonly Setting Data = new("data", "The folder with the sample market (options/, history/).");

    public static readonly Setting LogLevel = new(
        "log_level", "Least severity that is logged to stderr: verbose, debug, information, warning, error. Default: information");

    public static readonly Setting ClockOffset = new(
        "clock_offset", "Seconds by which this process takes its clock to be ahead, negative to be behind: tries out what a wrong clock does. Default: 0");

    /// <summary>Every setting that there is.</summary>
    public static readonly IReadOnlyList<Setting> All =
        [Name, Broker, Prefix, Ledger, Cache, Otlp, Listen, GrpcPort, HttpPort, Threads, History, Data, LogLevel, ClockOffset];

    /// <summary><c>--grpc-port</c></summary>
    public string Flag => "--" + Key.Replace('_', '-');

    /// <summary><c>RISKGRID_GRPC_PORT</c></summary>
    public string Variable => "RISKGRID_" + Key.ToUpperInvariant();

    /// <summary>Names a file that holds the value, in the environment.</summary>
    public string FileVariable => Variable + "_FILE";

    /// <summary>Names a file that holds the value, in the configuration file.</summary>
    public string FileKey => Key + "_file";

    public override string ToString() => Key;
}

using RiskGrid.Gateway.Rpc;
using RiskGrid.Risk;

namespace RiskGrid.Hosting;

/// <summary>What one process of the grid is made of.</summary>
public sealed record RiskServerOptions
{
    /// <summary>What the process does.</summary>
    public ServerRole Role { get; init; } = ServerRole.Serve;

    /// <summary>What people call it; the machine's name and the process's id unless set.</summary>
    public string? Name { get; init; }

    /// <summary>The broker that joins processes to a cluster; without one everything is in this process.</summary>
    public Uri? Broker { get; init; }

    /// <summary>What the cluster's queues begin with.</summary>
    public string Prefix { get; init; } = "rg";

    /// <summary>The ledger: a file, or the address of a PostgreSQL database. A gateway needs none.</summary>
    public string Ledger { get; init; } = "";

    /// <summary>A Redis that makes reads quicker; null for none.</summary>
    public Uri? Cache { get; init; }

    /// <summary>The scenario set of the live P&amp;L vectors; without one there are no tail measures.</summary>
    public ScenarioSet? Scenarios { get; init; }

    /// <summary>The history panel from which runs make their scenarios; without one a run that needs history is refused.</summary>
    public HistoryPanel? History { get; init; }

    /// <summary>How the front door listens; null opens none, which only a silo can do without. A silo's has health and nothing else.</summary>
    public GatewayOptions? Gateway { get; init; }

    /// <summary>Threads that compute.</summary>
    public int ComputeThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>How long the start waits for servers that cannot be reached: whoever starts a cluster need not mind the order.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The clock of timers and recording times.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

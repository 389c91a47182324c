using RiskGrid.Cluster.Tests.Processes;
using RiskGrid.Cluster.Tests.Rows;
using Xunit.Abstractions;

namespace RiskGrid.Cluster.Tests;

/// <summary>The table at the end of the design, row by row, on three silos and two gateways with real servers: each test is named after its
/// promise.</summary>
[Collection(ClusterServers.Collection)]
public sealed partial class WhatHappensWhenTests(RowCluster rows, ITestOutputHelper output) : IClassFixture<RowCluster>, IAsyncLifetime
{
    private const uint LongPaths = 1_000_000;

    private TestCluster Cluster => rows.Cluster;

    private ClusterServers Servers => rows.Servers;

    public Task InitializeAsync() => rows.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;
}

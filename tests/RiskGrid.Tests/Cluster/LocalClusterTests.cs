using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Cli;
using RiskGrid.Cli.Cluster;

namespace RiskGrid.Tests.Cluster;

public sealed class LocalClusterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    private static LocalProcess Alive => LocalProcess.Of(Environment.ProcessId);

    private static LocalProcess Gone => Alive with { Started = 1 };

    private string Folder => Path.GetDirectoryName(_folder.File("x"))!;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Silos_that_two_commands_add_at_the_same_time_have_names_of_their_own_and_are_both_remembered()
    {
        new ClusterFile { SiloThreads = 1, Members = [Member("gateway", "gateway-1", Alive)] }.Write(Folder);
        Directory.CreateDirectory(_folder.File("logs"));
        foreach (var server in ServerScript.Kinds)
        {
            Directory.CreateDirectory(_folder.File(server));
            _folder.Write($"{server}/server.pid", $"{Alive.Id} {Alive.Started}\n");
        }

        // A silo ends at once without a broker, and is remembered all the same.
        _folder.Write("riskgrid.json", "{}");
        var (one, other) = (LocalCluster.In(Folder), LocalCluster.In(Folder));
        await Task.WhenAll(
            Assert.ThrowsAsync<InvalidDataException>(() => one.AddAsync("silo", CancellationToken.None)),
            Assert.ThrowsAsync<InvalidDataException>(() => other.AddAsync("silo", CancellationToken.None)));
        var file = ClusterFile.Read(Folder);
        Assert.Equal(["gateway-1", "silo-1", "silo-2"], file.Members.Select(m => m.Name));
        Assert.Equal(2, file.SilosMade);
    }

    [Fact]
    public async Task A_cluster_that_is_down_takes_no_silo_and_says_how_to_start_it()
    {
        new ClusterFile { SiloThreads = 1, Members = [Member("silo", "silo-1", Gone)] }.Write(Folder);
        var cluster = LocalCluster.In(Folder);
        var refused = await Assert.ThrowsAsync<UsageException>(() => cluster.AddAsync("silo", CancellationToken.None));
        Assert.Contains("riskgrid cluster up", refused.Message, StringComparison.Ordinal);
        Assert.Contains("riskgrid cluster up", Assert.Throws<UsageException>(() => cluster.Find("1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_names_a_silo_that_does_not_run_hears_whether_it_ever_did_and_which_do()
    {
        new ClusterFile { SiloThreads = 1, Members = [Member("silo", "silo-1", Alive), Member("silo", "silo-2", Gone)] }.Write(Folder);
        var cluster = LocalCluster.In(Folder);
        Assert.Equal("silo-1", cluster.Find("1").Name);
        Assert.Equal($"silo-2 of {Folder} does not run any more; there run silo-1", Assert.Throws<UsageException>(() => cluster.Find("2")).Message);
        Assert.Equal($"there is no '3' in {Folder}; there run silo-1", Assert.Throws<UsageException>(() => cluster.Find("3")).Message);
    }

    [Fact]
    public async Task A_port_that_another_process_has_is_refused_before_anything_is_started()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var stages = new Stages(TimeProvider.System);
        foreach (var (plan, flag) in new[] { (new ClusterPlan(1, 1, port, 0, 1, null), "--grpc-port"), (new ClusterPlan(1, 1, 0, port, 1, null), "--http-port") })
        {
            var refused = await Assert.ThrowsAsync<UsageException>(() => new LocalCluster(Folder).UpAsync(plan, stages, CancellationToken.None));
            Assert.Contains($"{flag} {port}", refused.Message, StringComparison.Ordinal);
            Assert.False(ClusterFile.IsIn(Folder), "nothing was started");
        }
    }

    [Fact]
    public async Task A_lock_file_that_cannot_be_opened_is_an_error_and_not_another_commands_turn()
    {
        File.CreateSymbolicLink(_folder.File("cluster.lock"), "cluster.lock");
        await Assert.ThrowsAsync<IOException>(() => ClusterLock.TakeAsync(Folder, CancellationToken.None).WaitAsync(Patience));
    }

    [Fact]
    public async Task A_start_that_is_interrupted_while_a_server_is_made_leaves_nothing_running()
    {
        // PostgreSQL, which never runs as root, has to reach its own directory.
        using (var chmod = Process.Start("chmod", ["o+x", Folder]))
            await chmod.WaitForExitAsync();
        using var up = RiskGridProgram.Start(["cluster", "up", "--dir", Folder, "--silos", "1", "--grpc-port", "0", "--http-port", "0"]);
        try
        {
            var errors = up.StandardError.ReadToEndAsync();
            await Eventually.HoldsAsync(
                () => Task.FromResult(up.HasExited || File.Exists(_folder.File("postgres/initdb.log"))), Patience, () => "a database is being made");
            await LocalProcess.Of(up.Id).SignalAsync("TERM");
            using var limit = new CancellationTokenSource(Patience);
            await up.WaitForExitAsync(limit.Token);
            Assert.Equal(1, up.ExitCode);
            Assert.Contains("interrupted", await errors, StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => Task.FromResult(Running().Count == 0), TimeSpan.FromSeconds(10), () => string.Join('\n', Running()));
        }
        finally
        {
            up.Kill();
            foreach (var kind in ServerScript.Kinds)
                await ServerScript.RunAsync(["kill", kind, _folder.File(kind)], CancellationToken.None);
        }
    }

    private static ClusterMember Member(string role, string name, LocalProcess process) => new(role, name, process, null, null);

    // Every process of the cluster names its directory.
    private List<string> Running() =>
        [.. Process.GetProcesses().Select(CommandLineOf).Where(command => command.Contains(Folder, StringComparison.Ordinal))];

    private static string CommandLineOf(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}

using System.Diagnostics;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Cli.Cluster;

namespace RiskGrid.Tests.Cluster;

public sealed class LocalClusterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    private string Folder => Path.GetDirectoryName(_folder.File("x"))!;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Silos_that_two_commands_add_at_the_same_time_have_names_of_their_own_and_are_both_remembered()
    {
        var gateway = new ClusterMember("gateway", "gateway-1", LocalProcess.Of(Environment.ProcessId), null, null);
        new ClusterFile { SiloThreads = 1, Members = [gateway] }.Write(Folder);
        Directory.CreateDirectory(_folder.File("logs"));

        // A silo ends at once without a broker, and is remembered all the same.
        _folder.Write("riskgrid.json", "{}");
        var (one, other) = (LocalCluster.In(Folder), LocalCluster.In(Folder));
        await Task.WhenAll(
            Assert.ThrowsAsync<InvalidDataException>(() => one.AddAsync(CancellationToken.None)),
            Assert.ThrowsAsync<InvalidDataException>(() => other.AddAsync(CancellationToken.None)));
        var file = ClusterFile.Read(Folder);
        Assert.Equal(["gateway-1", "silo-1", "silo-2"], file.Members.Select(m => m.Name));
        Assert.Equal(2, file.SilosMade);
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

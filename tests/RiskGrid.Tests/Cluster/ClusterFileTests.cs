using System.Diagnostics;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Cli;
using RiskGrid.Cli.Cluster;

namespace RiskGrid.Tests.Cluster;

public sealed class ClusterFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Folder => Path.GetDirectoryName(_folder.File("x"))!;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_started_is_there_for_the_next_command()
    {
        Assert.False(ClusterFile.IsIn(Folder));
        var member = new ClusterMember("gateway", "gateway-1", new LocalProcess(17, 4711), new Uri("http://127.0.0.1:7001"), null);
        new ClusterFile { SiloThreads = 2, SilosMade = 5, Members = [member] }.Write(Folder);
        var read = ClusterFile.Read(Folder);
        Assert.True(ClusterFile.IsIn(Folder));
        Assert.Equal(member, Assert.Single(read.Members));
        Assert.Equal((2, 5), (read.SiloThreads, read.SilosMade));
    }

    [Fact]
    public void A_directory_without_a_cluster_or_with_a_damaged_one_is_named()
    {
        Assert.Contains(Folder, Assert.Throws<UsageException>(() => ClusterFile.Read(Folder)).Message, StringComparison.Ordinal);
        _folder.Write("cluster.json", "{");
        Assert.Contains("cluster.json", Assert.Throws<UsageException>(() => ClusterFile.Read(Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_got_the_id_of_another_one_is_not_taken_for_it_and_not_killed()
    {
        using var process = Process.Start("sleep", "300");
        try
        {
            var mine = LocalProcess.Of(process.Id);
            Assert.True(mine.IsAlive);
            var gone = mine with { Started = mine.Started - 1 };
            Assert.False(gone.IsAlive);
            await gone.SignalAsync("KILL");
            Assert.True(mine.IsAlive);
            await mine.SignalAsync("KILL");
            Assert.True(await mine.EndsWithinAsync(TimeSpan.FromSeconds(20), CancellationToken.None));
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task What_an_earlier_process_printed_is_gone_when_the_next_one_has_started()
    {
        var output = _folder.Write("gateway-1.json", "of an earlier process");
        Assert.NotEmpty(Printed());
        var process = LocalProcess.Start(output, _folder.File("gateway-1.log"), ["sleep", "300"]);
        var printed = Printed();
        await process.SignalAsync("KILL");
        Assert.Empty(printed);

        string Printed() => File.Exists(output) ? File.ReadAllText(output) : "";
    }
}

namespace RiskGrid.Cli.Cluster;

/// <summary>Commands that change a local cluster take turns: two that read <c>cluster.json</c> at the same time would give two silos one name,
/// and one of them would be forgotten.</summary>
internal sealed class ClusterLock : IDisposable
{
    private const string FileName = "cluster.lock";

    // EWOULDBLOCK, which flock(2) answers while another process has the file.
    private const int Taken = 11;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private ClusterLock(FileStream file) => _file = file;

    /// <summary>Waits for the commands before, and says so. A command that ends in whatever way has had its turn.</summary>
    /// <exception cref="DirectoryNotFoundException">The directory is not there, or not any more.</exception>
    public static async Task<ClusterLock> TakeAsync(string folder, CancellationToken cancellationToken)
    {
        for (var said = false; ; said = true)
        {
            try
            {
                return new ClusterLock(new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (e.HResult == Taken)
            {
                if (!said)
                    await Console.Error.WriteLineAsync($"Another command is changing the cluster in {folder}; waiting for it.");
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    /// <summary>The next one's turn.</summary>
    public void Dispose() => _file.Dispose();
}

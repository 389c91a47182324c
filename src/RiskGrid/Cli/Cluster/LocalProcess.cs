using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;

namespace RiskGrid.Cli.Cluster;

/// <summary>A process of this machine by its id and start, so that one that got the id later is never taken for it.</summary>
/// <param name="Id">The process's id.</param>
/// <param name="Started">When it started, in the kernel's ticks since boot.</param>
internal sealed record LocalProcess(int Id, long Started)
{
    /// <summary>Whether it runs: a process that ended and was not waited for does not.</summary>
    [JsonIgnore]
    public bool IsAlive => StartOf(Id) == Started;

    /// <summary>The process that has this id now.</summary>
    public static LocalProcess Of(int id) =>
        StartOf(id) is { } started ? new LocalProcess(id, started) : throw new InvalidOperationException($"the process {id} ended at once");

    /// <summary>Starts a program in a session of its own, so that it lives on without this one; what it prints goes to files. The output of an
    /// earlier one is gone when this returns.</summary>
    public static LocalProcess Start(string output, string errors, IReadOnlyList<string> command)
    {
        // The shell below gets round to it only later, and whoever waits for the output reads at once.
        File.Delete(output);
        var start = new ProcessStartInfo("setsid", ["bash", "-c", "exec \"${@:3}\" >\"$1\" 2>>\"$2\" </dev/null", "riskgrid", output, errors, .. command])
        {
            UseShellExecute = false,
        };

        // What is set for the command line is not meant for the cluster: its processes read the cluster's own configuration.
        foreach (var variable in start.Environment.Keys.Where(name => name.StartsWith("RISKGRID_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(variable);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("setsid did not start");
        return Of(process.Id);
    }

    /// <summary>Sends a signal, if it still runs.</summary>
    public async Task SignalAsync(string signal)
    {
        if (!IsAlive)
            return;
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false })
            ?? throw new InvalidOperationException("kill did not start");
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end; false when it still runs after the limit.</summary>
    public async Task<bool> EndsWithinAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (IsAlive)
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
                return false;
            await Task.Delay(20, cancellationToken);
        }

        return true;
    }

    // /proc/ID/stat: id (name, which may hold anything) state ppid ... the 22nd is the start.
    private static long? StartOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

using System.Globalization;
using RiskGrid.Testing;

namespace RiskGrid.Cluster.Bench;

/// <summary>Processor time as the kernel counts it.</summary>
internal static class CpuTime
{
    // The kernel's unit in /proc, whatever its own clock: USER_HZ.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds that a process and all its descendants have used; those that have ended count with the parent that waited for
    /// them.</summary>
    public static double Of(int root)
    {
        var parents = new Dictionary<int, int>();
        var seconds = new Dictionary<int, double>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || Read(id) is not { } fields)
                continue;
            parents[id] = int.Parse(fields[1], CultureInfo.InvariantCulture);
            seconds[id] = fields[11..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / TicksPerSecond;
        }

        bool Belongs(int id) => id == root || (parents.TryGetValue(id, out var parent) && parent > 1 && Belongs(parent));
        return seconds.Where(s => Belongs(s.Key)).Sum(s => s.Value);
    }

    /// <summary>The same of a server.</summary>
    public static double Of(TestServer server) =>
        Of(int.Parse(File.ReadAllText(Path.Combine(server.Folder, "server.pid")).Split(' ')[0], CultureInfo.InvariantCulture));

    // From the state on: the name before it may hold blanks.
    private static string[]? Read(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

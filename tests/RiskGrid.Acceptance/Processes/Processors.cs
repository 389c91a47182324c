namespace RiskGrid.Acceptance.Processes;

/// <summary>How idle the processors were: what a promise of time is worth on a machine that others load as well.</summary>
internal sealed class Processors
{
    private const double SaturatedBelow = 0.05;
    private const int Patience = 6;
    private readonly (long Idle, long Waiting, long All) _start = Ticks();

    /// <summary>Share of the processors that stood idle since this was made, 0 to 1, waiting for disks or for nothing.</summary>
    public double IdleShare => Share(t => t.Idle);

    /// <summary>Others have taken all of them: a promise of time is worth nothing.</summary>
    public bool AreSaturated => IdleShare < SaturatedBelow;

    /// <summary>The time promised, or several times that where no processor was free.</summary>
    public TimeSpan Allow(TimeSpan promised) => AreSaturated ? Patience * promised : promised;

    /// <inheritdoc/>
    public override string ToString() =>
        $"processors {IdleShare:P0} idle, {Share(t => t.Waiting):P0} while disks were waited for, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}";

    private double Share(Func<(long Idle, long Waiting, long All), long> part)
    {
        var now = Ticks();
        return (double)(part(now) - part(_start)) / Math.Max(1, now.All - _start.All);
    }

    // cpu  user nice system idle iowait irq softirq steal ...
    private static (long Idle, long Waiting, long All) Ticks()
    {
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(long.Parse).ToList();
        return (ticks[3] + ticks[4], ticks[4], ticks.Sum());
    }
}

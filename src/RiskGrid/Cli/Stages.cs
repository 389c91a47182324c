using Spectre.Console;

namespace RiskGrid.Cli;

/// <summary>Shows the stages of long work as they run, a bar each on a terminal and a line each elsewhere, and keeps their times.</summary>
internal sealed class Stages(TimeProvider time)
{
    private readonly List<(string Name, double Milliseconds)> _timings = [];
    private readonly Lock _lock = new();
    private ProgressContext? _progress;

    /// <summary>The stages that have ended, in the order of their ends.</summary>
    public IReadOnlyList<(string Name, double Milliseconds)> Timings
    {
        get
        {
            lock (_lock)
                return [.. _timings];
        }
    }

    /// <summary>Runs work whose stages are shown.</summary>
    public async Task<T> ShowAsync<T>(Func<Task<T>> work)
    {
        if (!Terminal.Error.Profile.Capabilities.Interactive)
            return await work();
        return await Terminal.Error.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                _progress = progress;
                return await work();
            });
    }

    /// <summary>Runs one stage. <paramref name="work"/> reports its share done, 0 to 1.</summary>
    public async Task<T> RunAsync<T>(string name, string description, Func<IProgress<double>, Task<T>> work)
    {
        var bar = _progress?.AddTask(description, maxValue: 1.0);
        var start = time.GetTimestamp();
        var result = await work(new Bar(bar));
        var milliseconds = time.GetElapsedTime(start).TotalMilliseconds;
        if (bar is not null)
            bar.Value = 1;
        else
            await Console.Error.WriteLineAsync($"{description}: {milliseconds:N0} ms");
        lock (_lock)
            _timings.Add((name, milliseconds));
        return result;
    }

    private sealed class Bar(ProgressTask? task) : IProgress<double>
    {
        public void Report(double value)
        {
            if (task is not null)
                task.Value = value;
        }
    }
}

namespace RiskGrid.Grid;

/// <summary>How a silo behaves; every limit has a default that suits a server.</summary>
public sealed record SiloOptions
{
    /// <summary>What people call this silo; need not be unique. The machine's name and the process's id unless set.</summary>
    public string Name { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>The clock of timers, time limits and idleness.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>An activation that nobody calls and that posts nothing ends after this time, at most a quarter later. Its own
    /// timers do not keep it alive; a parent's pings do.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Calls that may wait at one activation; more are refused with <see cref="GrainOverloadedException"/>.</summary>
    public int MailboxLimit { get; set; } = 4096;

    /// <summary>Work items that run at the same time. Two keep the compute pool busy while one is being answered.</summary>
    public int WorkConcurrency { get; set; } = 2;

    /// <summary>Work items that may wait; more are refused with <see cref="GrainOverloadedException"/>.</summary>
    public int WorkQueueLimit { get; set; } = 65536;

    /// <summary>Messages that may wait at one subscriber of a topic. Beyond that the oldest is dropped and reported: a topic may
    /// lose messages, and the newest matter most.</summary>
    public int TopicQueueLimit { get; set; } = 65536;

    /// <summary>Hears of exceptions that no caller is there to see. Called on any thread; must not throw. Standard error unless
    /// set.</summary>
    public Action<GrainError> OnError { get; set; } = static error => Console.Error.WriteLine(error);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name);
        ArgumentNullException.ThrowIfNull(Time);
        ArgumentNullException.ThrowIfNull(OnError);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleTimeout, TimeSpan.Zero, nameof(IdleTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MailboxLimit, 1, nameof(MailboxLimit));
        ArgumentOutOfRangeException.ThrowIfLessThan(WorkConcurrency, 1, nameof(WorkConcurrency));
        ArgumentOutOfRangeException.ThrowIfLessThan(WorkQueueLimit, 1, nameof(WorkQueueLimit));
        ArgumentOutOfRangeException.ThrowIfLessThan(TopicQueueLimit, 1, nameof(TopicQueueLimit));
    }
}

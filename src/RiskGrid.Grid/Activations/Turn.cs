namespace RiskGrid.Grid;

/// <summary>What an activation does one at a time: a call, a posted turn, a timer's turn. Linked into the mailbox by itself, so
/// queueing allocates nothing; an instance is in one mailbox at most.</summary>
public abstract class Turn
{
    private protected Turn()
    {
    }

    // Guarded by the lock of the mailbox that holds it.
    internal Turn? Next { get; set; }

    /// <summary>Starts the turn; an exception counts as a failed task.</summary>
    internal abstract Task Run(Activation activation);

    /// <summary>Hands on the outcome; never throws.</summary>
    internal abstract void Settle(Activation activation, Task finished);
}

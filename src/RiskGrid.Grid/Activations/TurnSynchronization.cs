namespace RiskGrid.Grid;

/// <summary>Brings whatever a grain awaits back into its activation, so that two branches of one turn never run at the same time
/// either. Code that writes ConfigureAwait(false) leaves it, and must not touch the grain's state after that.</summary>
internal sealed class TurnSynchronization(Activation activation) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => activation.Continue(d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (Current != this)
            throw new NotSupportedException("Nothing waits for a grain's turn by blocking a thread; use GrainContext.Post.");
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}

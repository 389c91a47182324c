namespace RiskGrid.Grid;

/// <summary>A turn that the grain asked for itself.</summary>
internal sealed class PostedTurn(Func<Task> turn) : Turn
{
    internal override Task Run(Activation activation) => turn();

    internal override void Settle(Activation activation, Task finished)
    {
        if (finished.Exception?.InnerException is { } exception)
            activation.Report(GrainErrorSource.PostedTurn, turn.Method.Name, exception);
    }
}

using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Acceptance;

/// <summary>Two runs of <c>riskgrid demo --json</c>, shared by the tests that look at them.</summary>
public sealed class DemoRuns : IAsyncLifetime
{
    internal ProgramResult First { get; private set; } = null!;

    internal ProgramResult Second { get; private set; } = null!;

    /// <summary>How the processors were during the first: see <see cref="Processors"/>.</summary>
    internal (bool Saturated, string Text) Machine { get; private set; }

    public async Task InitializeAsync()
    {
        var processors = new Processors();
        First = await RiskGridProgram.RunAsync("demo", "--json");
        Machine = (processors.AreSaturated, processors.ToString());
        Second = await RiskGridProgram.RunAsync("demo", "--json");
    }

    public Task DisposeAsync() => Task.CompletedTask;
}

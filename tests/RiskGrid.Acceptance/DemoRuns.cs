using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Acceptance;

/// <summary>Two runs of <c>riskgrid demo --json</c>, shared by the tests that look at them.</summary>
public sealed class DemoRuns : IAsyncLifetime
{
    internal ProgramResult First { get; private set; } = null!;

    internal ProgramResult Second { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        First = await RiskGridProgram.RunAsync("demo", "--json");
        Second = await RiskGridProgram.RunAsync("demo", "--json");
    }

    public Task DisposeAsync() => Task.CompletedTask;
}

using System.Globalization;

namespace RiskGrid.Acceptance.Runs;

/// <summary>A node's P&amp;L vector as <c>riskgrid runs RUN --vector</c> prints it.</summary>
internal sealed record PnlVector(IReadOnlyList<string> Labels, IReadOnlyList<double> Pnl)
{
    public static async Task<PnlVector> ReadAsync(RunServer server, string run, string path)
    {
        var lines = (await server.RunAsync("runs", run, "--vector", path)).MustEndWith(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("scenario,pnl", lines[0]);
        var rows = lines.Skip(1).Select(l => l.Split(',')).ToList();
        return new PnlVector([.. rows.Select(r => r[0])], [.. rows.Select(r => double.Parse(r[1], NumberStyles.Float, CultureInfo.InvariantCulture))]);
    }

    /// <summary>The losses in ascending order.</summary>
    public double[] Losses() => [.. Pnl.Select(p => -p).Order()];

    /// <summary>VaR = L[floor(qN)] and ES, the mean from there on, as DESIGN and docs/measures.md have them.</summary>
    public (double ValueAtRisk, double Shortfall) Floor(decimal confidence)
    {
        var losses = Losses();
        var index = (int)Math.Floor(confidence * losses.Length);
        return (losses[index], losses[index..].Average());
    }
}

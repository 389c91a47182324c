using RiskGrid.Compute;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk;

namespace RiskGrid.Grains.Runs;

/// <summary>P&amp;L explains, as the wire has them.</summary>
internal static class ExplainResults
{
    private const string Total = "total";

    /// <summary>Explains every book and adds them up.</summary>
    public static async Task FillAsync(SiloServices silo, RunContext context, RunResult result, CancellationToken cancellationToken)
    {
        var start = context.Start!;
        var options = context.Markets.IsEmpty ? silo.Options : context.Markets[0].Binding.Options;
        var books = new BookExplain[context.Markets.Length];
        await silo.Pool.RunAsync(
            ComputePriority.Run,
            books.Length,
            b => books[b] = PnlExplain.Book(start.Sheets[b], context.Markets[b].Sheet, start.Snapshot, context.Snapshot, options),
            cancellationToken).ConfigureAwait(false);
        var nodes = PnlExplain.Nodes(context.Tree, books);
        for (var n = 0; n < nodes.Length; n++)
        {
            foreach (var (name, pnl) in nodes[n].Named)
                result.Nodes[n].Explain.Add(new ExplainLine { Name = name, Pnl = pnl, PercentOfGross = nodes[n].PercentOfGross(pnl) });
            result.Nodes[n].Explain.Add(new ExplainLine { Name = Total, Pnl = nodes[n].Total });

            // A node that is empty now may have lost what it held.
            result.Nodes[n].Failure = string.Empty;
        }
    }
}

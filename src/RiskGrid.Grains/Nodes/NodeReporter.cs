using Google.Protobuf;
using RiskGrid.Grid;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grains.Nodes;

/// <summary>Tells the desk above and all subscribers of a node's newest report: at most one of each is under way, and when it is handed over the
/// newest follows. So a slow engine gets fewer reports and never a queue of old ones. Used on the activation's turns only.</summary>
/// <param name="silo">Where trouble is reported.</param>
/// <param name="context">The node's activation.</param>
/// <param name="node">The node's id.</param>
internal sealed class NodeReporter(SiloServices silo, GrainContext context, string node)
{
    private NodeReport _newest = new();
    private string _desk = string.Empty;
    private bool _reporting;
    private bool _reportAgain;
    private bool _publishing;
    private bool _publishAgain;

    // The vector that was handed over last, and to whom: what the desk may be taken to hold. -1: none.
    private (string Desk, long Version) _handedOver = (string.Empty, -1);

    /// <summary>A change: for the desk, if there is one, and for subscribers.</summary>
    /// <param name="newest">The report with its vector.</param>
    /// <param name="desk">The desk above, or null.</param>
    public void Changed(NodeReport newest, string? desk)
    {
        _newest = newest;
        silo.Newest.Put(newest.Rollup);
        if (desk is not null)
            Report(desk);
        if (_publishing)
            _publishAgain = true;
        else
            _ = PublishAsync();
    }

    /// <summary>A sign of life for the desk that asked for one.</summary>
    /// <param name="newest">The report with its vector.</param>
    /// <param name="desk">Who asked.</param>
    /// <param name="knownVector">The version of the vector that it holds; the report goes without when that is the newest.</param>
    public void Answer(NodeReport newest, string desk, long knownVector)
    {
        _newest = newest;
        if (!_reporting)
            _handedOver = (desk, knownVector);
        Report(desk);
    }

    private void Report(string desk)
    {
        _desk = desk;
        if (_reporting)
            _reportAgain = true;
        else
            _ = ReportAsync();
    }

    // Beside the turns, but on the activation: whatever is awaited comes back to it.
    private async Task ReportAsync()
    {
        _reporting = true;
        do
        {
            _reportAgain = false;
            var (report, desk) = (_newest, _desk);
            var held = _handedOver == (desk, report.VectorVersion);
            _handedOver = (desk, report.VectorVersion);
            try
            {
                await context.Grains.Get<IDeskGrain>(desk).ChildReported(held ? WithoutVector(report) : report);
            }
            catch (Exception e)
            {
                // The desk's next sign of life heals it.
                _handedOver = (desk, -1);
                silo.Troubles.ReportNotSent(node, e);
            }
        }
        while (_reportAgain && !context.Deactivated.IsCancellationRequested);
        _reporting = false;
    }

    private async Task PublishAsync()
    {
        _publishing = true;
        do
        {
            _publishAgain = false;
            try
            {
                await context.PublishAsync(RollupBoard.Topic, _newest.Rollup);
            }
            catch (Exception e)
            {
                // A subscriber that hears nothing asks.
                silo.Troubles.ReportNotSent(node, e);
            }
        }
        while (_publishAgain && !context.Deactivated.IsCancellationRequested);
        _publishing = false;
    }

    /// <summary>The report for who holds its vector or does not want it.</summary>
    public static NodeReport WithoutVector(NodeReport report) =>
        new() { Rollup = report.Rollup, VectorVersion = report.VectorVersion, Pnl = ByteString.Empty };
}

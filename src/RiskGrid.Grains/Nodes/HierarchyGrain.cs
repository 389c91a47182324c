using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;
using HierarchyNode = RiskGrid.Model.HierarchyNode;

namespace RiskGrid.Grains.Nodes;

/// <inheritdoc cref="IHierarchyGrain"/>
public sealed class HierarchyGrain(ILedger ledger) : Grain, IHierarchyGrain
{
    /// <summary>The key of the one hierarchy grain.</summary>
    public const string Key = "main";

    /// <summary>The topic on which every silo hears of new versions.</summary>
    public const string Topic = "hierarchy";

    /// <summary>The id of the firm, which exists from the start.</summary>
    public static NodeId Firm { get; } = NodeId.Parse("FIRM");

    private HierarchyVersion _current = null!;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (await ledger.AskAsync(l => l.ReadHierarchyAsync(cancellationToken)) is { } stored)
        {
            _current = new HierarchyVersion(stored.Version, stored.Hierarchy);
            return;
        }

        var firm = new Hierarchy([new HierarchyNode(Firm, NodeKind.Desk, string.Empty, null)]);
        _current = await StoreAsync(firm, 0, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<GetHierarchyResponse> GetHierarchy() => Task.FromResult(HierarchyBoard.ToWire(_current.Version, _current.Hierarchy));

    /// <inheritdoc/>
    public Task<GetHierarchyResponse> GetIfNewer(HierarchyKnown known) =>
        known.Version >= _current.Version ? Task.FromResult(new GetHierarchyResponse { Version = _current.Version }) : GetHierarchy();

    /// <inheritdoc/>
    public async Task<GetHierarchyResponse> PutHierarchy(PutHierarchyRequest request)
    {
        Hierarchy next;
        try
        {
            var nodes = HierarchyBoard.ToWire(0, _current.Hierarchy).Nodes.ToDictionary(n => n.Id, StringComparer.Ordinal);
            foreach (var node in request.Nodes)
            {
                if (nodes.TryGetValue(node.Id, out var known) && !string.Equals(known.Kind, node.Kind, StringComparison.Ordinal))
                    throw new ValidationException("kind", $"node {node.Id} is a {known.Kind} and cannot become a {node.Kind}");
                nodes[node.Id] = node;
            }

            next = HierarchyBoard.FromWire(nodes.Values);
            if (next.Root.Id != Firm)
                throw new ValidationException("parent", $"the root is {Firm}; node {next.Root.Id} needs a parent");
        }
        catch (ValidationException e)
        {
            throw GrainErrors.Invalid(e);
        }

        var response = HierarchyBoard.ToWire(_current.Version, next);
        if (!response.Nodes.Equals(HierarchyBoard.ToWire(_current.Version, _current.Hierarchy).Nodes))
        {
            if (request.ExpectedVersion != _current.Version)
                throw GrainErrors.Conflict($"the hierarchy is at version {_current.Version}, this change is for version {request.ExpectedVersion}: read it again");
            _current = await StoreAsync(next, _current.Version, Context.Deactivated);
            response.Version = _current.Version;
        }

        await Context.PublishAsync(Topic, response);
        return response;
    }

    private async Task<HierarchyVersion> StoreAsync(Hierarchy next, long after, CancellationToken cancellationToken)
    {
        try
        {
            return new HierarchyVersion(await ledger.AskAsync(l => l.PutHierarchyAsync(next, after, cancellationToken)), next);
        }
        catch (HierarchyChangedException e)
        {
            // Written over, what another activation has stored meanwhile would be lost: the next one goes on from it.
            throw new ActivationFencedException(e.Message, e);
        }
    }
}

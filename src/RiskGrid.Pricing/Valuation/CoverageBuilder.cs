using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>Gathers one coverage, from trades or from children. Not thread-safe.</summary>
internal sealed class CoverageBuilder
{
    private readonly List<TradeFailure> _failures = [];
    private readonly Dictionary<Instant, (int Trades, double AgeDays)> _stale = [];
    private readonly List<(string Status, int Trades)> _statuses = [];
    private int _priced;
    private int _failed;
    private int _staleTrades;
    private Instant? _oldest;
    private Instant? _newest;

    public static double AgeDays(Instant asOf, Instant valuation) => (valuation - asOf).TotalDays;

    public void Priced(string status)
    {
        _priced++;
        Count(status, 1);
    }

    public void Used(Instant oldest, Instant newest)
    {
        _oldest = _oldest is { } o && o <= oldest ? o : oldest;
        _newest = _newest is { } n && n >= newest ? n : newest;
    }

    public void Stale(Instant oldest, Instant valuation)
    {
        _staleTrades++;
        Group(new StaleGroup(oldest, 1, AgeDays(oldest, valuation)));
    }

    // Trades come in id order, so the first are the ones to keep.
    public void Failed(TradeId trade, string reason)
    {
        _failed++;
        if (_failures.Count < Coverage.FailuresKept)
            _failures.Add(new TradeFailure(trade, reason));
    }

    public void Add(Coverage child)
    {
        _priced += child.Priced;
        _failed += child.Failed;
        _staleTrades += child.Stale;
        _failures.AddRange(child.Failures);
        foreach (var (status, trades) in child.QuoteStatus)
            Count(status, trades);
        foreach (var group in child.StaleGroups)
            Group(group);
        if (child.OldestQuote is { } oldest && child.NewestQuote is { } newest)
            Used(oldest, newest);
    }

    public Coverage Build() => new()
    {
        Trades = _priced + _failed,
        Priced = _priced,
        Failed = _failed,
        Stale = _staleTrades,
        Failures = [.. _failures.OrderBy(f => f.Trade).Take(Coverage.FailuresKept)],
        QuoteStatus = _statuses.ToImmutableSortedDictionary(s => s.Status, s => s.Trades, StringComparer.Ordinal),
        StaleGroups = Groups(),
        OldestQuote = _oldest,
        NewestQuote = _newest,
    };

    private void Count(string status, int trades)
    {
        for (var i = 0; i < _statuses.Count; i++)
        {
            if (string.Equals(_statuses[i].Status, status, StringComparison.Ordinal))
            {
                _statuses[i] = (status, _statuses[i].Trades + trades);
                return;
            }
        }

        _statuses.Add((status, trades));
    }

    private void Group(StaleGroup group)
    {
        var held = _stale.GetValueOrDefault(group.AsOf);
        _stale[group.AsOf] = (held.Trades + group.Trades, Math.Max(held.AgeDays, group.AgeDays));
    }

    private ImmutableArray<StaleGroup> Groups()
    {
        var sorted = _stale.OrderBy(g => g.Key).Select(g => new StaleGroup(g.Key, g.Value.Trades, g.Value.AgeDays)).ToList();
        if (sorted.Count <= Coverage.StaleGroupsKept)
            return [.. sorted];
        var last = sorted[Coverage.StaleGroupsKept - 1];
        var rest = sorted.Skip(Coverage.StaleGroupsKept - 1).Sum(g => g.Trades);
        return [.. sorted.Take(Coverage.StaleGroupsKept - 1), last with { Trades = rest }];
    }
}

using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>The live trades of one book, laid out for the kernels: an immutable, hashed, layout-versioned list of typed sections in
/// trade-id order, one section per pricer.</summary>
/// <remarks>A sheet knows terms only; it holds no market number, so it crosses to a silo once, by <see cref="Hash"/>. Thread-safe.</remarks>
public sealed class Sheet
{
    /// <summary>Changes when the layout or the hashed content changes; part of <see cref="Hash"/>.</summary>
    public const int LayoutVersion = 1;

    private Sheet(NodeId book, ImmutableArray<TradeId> trades, ImmutableArray<FactorName> factors, EuropeanSection europeans, string hash)
    {
        Book = book;
        Trades = trades;
        Factors = factors;
        Europeans = europeans;
        Hash = hash;
    }

    /// <summary>The book that owns the trades.</summary>
    public NodeId Book { get; }

    /// <summary>The ids of the trades, in ordinal order: the order in which every sum over the sheet runs.</summary>
    public ImmutableArray<TradeId> Trades { get; }

    /// <summary>How many trades the sheet holds.</summary>
    public int Count => Trades.Length;

    /// <summary>The factors that the trades name themselves, in ordinal order. Pillars of zero curves and FX rates depend on what the
    /// market quotes and join in <see cref="SheetBinding.Factors"/>.</summary>
    public ImmutableArray<FactorName> Factors { get; }

    /// <summary>The European options.</summary>
    public EuropeanSection Europeans { get; }

    /// <summary>SHA-256 over <see cref="LayoutVersion"/>, the book and all terms that price, in trade-id order; lower-case hexadecimal.
    /// The order in which trades were given, their versions and counterparties do not count.</summary>
    public string Hash { get; }

    /// <summary>Lays out the live trades among <paramref name="trades"/>; cancelled ones are left out.</summary>
    /// <exception cref="ValidationException">A trade of another book, an id that comes twice, or an instrument without a pricer.</exception>
    public static Sheet Build(NodeId book, IEnumerable<Trade> trades)
    {
        var live = trades.Where(t => t.Lifecycle == TradeLifecycle.Live).ToArray();
        Array.Sort(live, static (a, b) => a.Id.CompareTo(b.Id));
        for (var i = 0; i < live.Length; i++)
        {
            if (i > 0 && live[i].Id == live[i - 1].Id)
                throw new ValidationException("trade_id", $"{live[i].Id} comes twice in book {book}");
            if (live[i].Terms.Book != book)
                throw new ValidationException("book", $"trade {live[i].Id} belongs to book {live[i].Terms.Book}, not to {book}");
            if (live[i].Terms.Instrument is not EuropeanOption)
                throw new ValidationException("instrument", $"no pricer for trade {live[i].Id}: {live[i].Terms.Instrument.GetType().Name}");
        }

        var factors = FactorsOf(live);
        var positions = new Dictionary<FactorName, int>(factors.Length);
        for (var i = 0; i < factors.Length; i++)
            positions.Add(factors[i], i);
        var europeans = new EuropeanSection(live, f => positions[f]);
        return new Sheet(book, [.. live.Select(t => t.Id)], factors, europeans, SheetHash.Compute(book, live));
    }

    /// <summary>The position of a trade in <see cref="Trades"/>, negative when it is not on the sheet.</summary>
    public int IndexOf(TradeId trade) => Trades.BinarySearch(trade);

    private static ImmutableArray<FactorName> FactorsOf(Trade[] trades)
    {
        var names = new HashSet<FactorName>();
        foreach (var trade in trades)
        {
            var option = (EuropeanOption)trade.Terms.Instrument;
            names.Add(option.Underlying);
            names.Add(option.DividendYieldFactor);
            names.Add(option.SkewFactor);
            names.Add(option.VolatilityFactor);
            names.Add(option.HalfSpreadFactor);
        }

        return [.. names.Order()];
    }
}

using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>Adds trades in the order they are given, per currency and in the reporting currency. A sheet holds one or two currencies:
/// a list beats a dictionary.</summary>
internal sealed class CurrencyTotals(int capacity)
{
    private readonly List<Currency> _currencies = new(Math.Min(capacity, 4));
    private readonly List<Measures> _native = new(Math.Min(capacity, 4));

    public Measures Reporting { get; private set; }

    public void Add(Currency currency, in Measures native, in Measures reporting)
    {
        Reporting += reporting;
        var at = _currencies.IndexOf(currency);
        if (at < 0)
        {
            _currencies.Add(currency);
            _native.Add(native);
        }
        else
        {
            _native[at] += native;
        }
    }

    public ImmutableSortedDictionary<Currency, Measures> Native() =>
        _currencies.Zip(_native).ToImmutableSortedDictionary(p => p.First, p => p.Second);
}

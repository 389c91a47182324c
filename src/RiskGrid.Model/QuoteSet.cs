using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace RiskGrid.Model;

/// <summary>Quotes in factor order, one for each factor. Immutable, so thread-safe; a lookup takes log₂(count) comparisons of names.</summary>
public sealed class QuoteSet : IReadOnlyDictionary<FactorName, Quote>
{
    private readonly FactorName[] _factors;
    private readonly Quote[] _quotes;

    /// <summary>Sorts the quotes.</summary>
    /// <exception cref="ValidationException">A factor has two quotes.</exception>
    public QuoteSet(IEnumerable<KeyValuePair<FactorName, Quote>> quotes)
    {
        var pairs = quotes.ToArray();

        // What was stored was stored in order.
        if (!IsAscending(pairs))
            Array.Sort(pairs, static (a, b) => a.Key.CompareTo(b.Key));
        _factors = new FactorName[pairs.Length];
        _quotes = new Quote[pairs.Length];
        for (var i = 0; i < pairs.Length; i++)
        {
            (_factors[i], _quotes[i]) = pairs[i];
            if (i > 0 && _factors[i] == _factors[i - 1])
                throw new ValidationException("factor", $"{_factors[i]} has two quotes");
        }
    }

    /// <inheritdoc/>
    public int Count => _factors.Length;

    /// <summary>The factors, in their order.</summary>
    public IEnumerable<FactorName> Keys => _factors;

    /// <summary>The quotes, in the order of their factors.</summary>
    public IEnumerable<Quote> Values => _quotes;

    /// <summary>The quote of a factor.</summary>
    /// <exception cref="KeyNotFoundException">It has none.</exception>
    public Quote this[FactorName key] =>
        TryGetValue(key, out var quote) ? quote : throw new KeyNotFoundException($"there is no quote of {key}");

    /// <inheritdoc/>
    public bool ContainsKey(FactorName key) => IndexOf(key) >= 0;

    /// <inheritdoc/>
    public bool TryGetValue(FactorName key, [MaybeNullWhen(false)] out Quote value)
    {
        var at = IndexOf(key);
        value = at >= 0 ? _quotes[at] : default;
        return at >= 0;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<FactorName, Quote>> GetEnumerator()
    {
        for (var i = 0; i < _factors.Length; i++)
            yield return new KeyValuePair<FactorName, Quote>(_factors[i], _quotes[i]);
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool IsAscending(KeyValuePair<FactorName, Quote>[] pairs)
    {
        for (var i = 1; i < pairs.Length; i++)
        {
            if (pairs[i - 1].Key.CompareTo(pairs[i].Key) > 0)
                return false;
        }

        return true;
    }

    private int IndexOf(FactorName factor)
    {
        var (low, high) = (0, _factors.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _factors[middle].CompareTo(factor);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }
}

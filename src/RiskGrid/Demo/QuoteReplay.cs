using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Demo;

/// <summary>A seeded, endless stream of quotes around a starting market: the index spot and the stock prices take small steps that are pulled
/// back to where they began, volatilities too. Forwards follow the spot at frozen carry, because the dividend yields stay. Every quote differs
/// from the one before it of the same factor.</summary>
/// <remarks>Of ten quotes, on average two move the index, three a stock and five the volatility of one contract. Not thread-safe.</remarks>
public sealed class QuoteReplay
{
    private const double PriceStep = 0.0004;
    private const double VolatilityStep = 0.01;
    private const double Pull = 0.02;

    private readonly SeededRandom _random;
    private readonly Moving[] _indices;
    private readonly Moving[] _stocks;
    private readonly Moving[] _volatilities;
    private readonly Instant _asOf;

    /// <summary>Starts a replay.</summary>
    /// <param name="start">The market to move; factors that are neither an index, a stock nor a volatility stay as they are.</param>
    /// <param name="asOf">The as-of time of the quotes made.</param>
    /// <param name="seed">The same seed and start give the same stream.</param>
    public QuoteReplay(IEnumerable<KeyValuePair<FactorName, double>> start, Instant asOf, ulong seed)
    {
        var byClass = start.OrderBy(f => f.Key).ToLookup(f => f.Key.Class, f => new Moving(f.Key, f.Value));
        _indices = [.. byClass[FactorClass.Index].Where(f => f.Start > 0)];
        _stocks = [.. byClass[FactorClass.Equity]];
        _volatilities = [.. byClass[FactorClass.Volatility]];
        if (_indices.Length + _stocks.Length + _volatilities.Length == 0)
            throw new ArgumentException("The market holds no index, no stock and no volatility: there is nothing to move.", nameof(start));
        _asOf = asOf;
        _random = new SeededRandom(seed);
    }

    /// <summary>The next quote.</summary>
    public (FactorName Factor, Quote Quote) Next()
    {
        var moving = Pick();
        var step = moving.Factor.Class == FactorClass.Volatility ? VolatilityStep : PriceStep;
        var before = moving.Value;
        do
        {
            var away = (moving.Value / moving.Start) - 1;
            moving.Value *= 1 + (step * ((2 * _random.NextUnit()) - 1)) - (Pull * away);
        }
        while (moving.Value == before);
        return (moving.Factor, new Quote(moving.Value, _asOf, QuoteStatus.Ok));
    }

    private Moving Pick()
    {
        while (true)
        {
            var factors = _random.NextUnit() switch
            {
                < 0.2 => _indices,
                < 0.5 => _stocks,
                _ => _volatilities,
            };
            if (factors.Length > 0)
                return factors[(int)(_random.NextUnit() * factors.Length)];
        }
    }

    private sealed class Moving(FactorName factor, double start)
    {
        public FactorName Factor { get; } = factor;

        public double Start { get; } = start;

        public double Value { get; set; } = start;
    }
}

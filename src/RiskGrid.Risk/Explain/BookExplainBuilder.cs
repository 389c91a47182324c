using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>Takes the trades of one book in trade-id order and adds up what happened to each. Elements of a sheet stand at the trades' own
/// positions: every trade is an option.</summary>
internal sealed class BookExplainBuilder(
    ExplainValues oldTerms, ExplainValues before, ExplainValues after, MarketSnapshot end, PricingOptions options)
{
    private readonly ExplainValues _afterAtOldMarks = new(after.Market, OldMarks(before, after));
    private readonly FactorDirectory _directory = new(end.Quotes.Keys);
    private readonly List<TradeFailure> _failures = [];
    private PnlLines _lines;
    private int _new;
    private int _amended;
    private int _cancelled;
    private int _expired;
    private int _remarked;
    private int _failed;
    private double _cash;

    /// <summary>A trade of the start that is not there at the end.</summary>
    public void Gone(int old)
    {
        _cancelled++;
        var value = oldTerms.Failure(old) is null ? oldTerms.Value(old) : 0;
        Fail(oldTerms, old, oldTerms.Failure(old));
        Add(new PnlLines { CancelledTrades = 0.0 - value, Total = 0.0 - value });
    }

    /// <summary>A trade of the end that was not there at the start.</summary>
    public void Came(int element)
    {
        _new++;
        var value = after.Failure(element) is null ? after.Value(element) : 0;
        Fail(after, element, after.Failure(element));
        Add(new PnlLines { NewTrades = value, Total = value });
    }

    /// <summary>A trade of both.</summary>
    public void Stayed(int old, int element)
    {
        var (was, starts, ends) = (Number(oldTerms, old), Number(before, element), Number(after, element));
        if (!SameTerms(old, element))
        {
            _amended++;
            if (was is null || starts is null)
            {
                // Old or new terms without a number at the start's market: the whole change is the amendment's.
                var change = (ends ?? 0) - (was ?? 0);
                Fail(before, element, before.Failure(element) ?? oldTerms.Failure(old));
                Add(new PnlLines { AmendedTrades = change, Total = change });
                return;
            }

            Add(new PnlLines { AmendedTrades = starts.Value - was.Value, Total = starts.Value - was.Value });
        }

        if (starts is not null && ends is not null)
            Add(Moved(element));
        else if (starts is not null && Expires(element))
            Add(Expired(element, starts.Value));
        else
            Add(Uncovered(element, (ends ?? 0) - (starts ?? 0)));
    }

    public BookExplain Build() => new(_lines, _new, _amended, _cancelled, _expired, _remarked, _cash, [.. _failures], _failed);

    private static double? Number(ExplainValues values, int element) => values.Failure(element) is null ? values.Value(element) : null;

    // The start's volatility where the quote's status is another at the end; NaN elsewhere.
    private static double[] OldMarks(ExplainValues before, ExplainValues after)
    {
        var marks = new double[after.Market.Sheet.Europeans.Count];
        for (var i = 0; i < marks.Length; i++)
            marks[i] = IsRemarked(before, after, i) ? before.Volatility(i) : double.NaN;
        return marks;
    }

    private static bool IsRemarked(ExplainValues before, ExplainValues after, int element) =>
        before.Failure(element) is null && after.Failure(element) is null
        && !string.Equals(before.VolatilityStatus(element), after.VolatilityStatus(element), StringComparison.Ordinal);

    private bool SameTerms(int old, int element)
    {
        var (one, other) = (oldTerms.Market.Sheet.Europeans, after.Market.Sheet.Europeans);
        var (slice, otherSlice) = (one.Slices[one.Slice[old]], other.Slices[other.Slice[element]]);
        return one.Side[old] == other.Side[element] && one.Strike[old] == other.Strike[element] && one.Quantity[old] == other.Quantity[element]
            && one.Multiplier[old] == other.Multiplier[element] && slice.Name == otherSlice.Name && slice.Underlying == otherSlice.Underlying
            && slice.ZeroCurve == otherSlice.ZeroCurve && slice.Expiry == otherSlice.Expiry && slice.Currency == otherSlice.Currency;
    }

    private bool Expires(int element)
    {
        var section = after.Market.Sheet.Europeans;
        return EuropeanOption.YearsBetween(end.Valuation, section.Slices[section.Slice[element]].Expiry) < 0;
    }

    private PnlLines Expired(int element, double value)
    {
        _expired++;
        var section = after.Market.Sheet.Europeans;
        var slice = section.Slices[section.Slice[element]];
        var cash = 0.0;
        if (end.Quotes.TryGetValue(slice.Underlying, out var spot) && FxRate(slice.Currency) is { } rate)
        {
            var intrinsic = section.Side[element] == OptionSide.Call ? spot.Value - section.Strike[element] : section.Strike[element] - spot.Value;
            cash = after.Units(element) * Math.Max(0, intrinsic) * rate;
        }
        else
        {
            Fail(after, element, $"expired, and {slice.Underlying} or an FX rate of {slice.Currency} is not quoted at the end: no payoff is known");
        }

        _cash += cash;
        return new PnlLines { Expiries = cash - value, Total = cash - value };
    }

    private PnlLines Uncovered(int element, double change)
    {
        Fail(after, element, after.Failure(element) ?? $"at the start: {before.Failure(element)}");
        return new PnlLines { Coverage = change, Total = change };
    }

    private PnlLines Moved(int element)
    {
        ref readonly var s0 = ref before.Slice(element);
        ref readonly var s1 = ref after.Slice(element);
        var remarked = IsRemarked(before, after, element);
        if (remarked)
            _remarked++;
        var units = before.Units(element) * s0.FxRate;
        var spot = s1.Spot - s0.Spot;
        var volatility = remarked ? 0 : after.Volatility(element) - before.Volatility(element);
        var total = after.Value(element) - before.Value(element);
        var lines = new PnlLines
        {
            Delta = units * before.Delta(element) * spot,
            Gamma = 0.5 * units * before.Gamma(element) * spot * spot,
            Vega = units * before.Vega(element) * volatility,
            Vanna = units * before.Vanna(element) * spot * volatility,
            Volga = 0.5 * units * before.Volga(element) * volatility * volatility,
            Theta = units * before.Theta(element) * (s0.Time - s1.Time),
            Rho = units * before.Rho(element) * (s1.ZeroRate - s0.ZeroRate),
            Dividend = units * -s0.Time * s0.Spot * before.Delta(element) * (s1.DividendYield - s0.DividendYield),
            Fx = after.Native(element) * (s1.FxRate - s0.FxRate),
            MarkChanges = remarked ? (after.Native(element) - _afterAtOldMarks.Native(element)) * s0.FxRate : 0,
            Total = total,
        };
        return double.IsFinite(lines.Explained) && double.IsFinite(total)
            ? lines with { Unexplained = total - lines.Explained }
            : new PnlLines { Unexplained = double.IsFinite(total) ? total : 0, Total = double.IsFinite(total) ? total : 0 };
    }

    private double? FxRate(Currency currency)
    {
        var route = FxRoute.Find(_directory, currency, options.Reporting);
        if (route.Failure is not null)
            return null;
        var rate = 1.0;
        foreach (var leg in route.Legs)
            rate = leg.Inverse ? rate / end.Quotes[leg.Factor].Value : rate * end.Quotes[leg.Factor].Value;
        return double.IsFinite(rate) ? rate : null;
    }

    private void Add(in PnlLines lines) => _lines += lines;

    private void Fail(ExplainValues values, int element, string? reason)
    {
        if (reason is null)
            return;
        _failed++;
        if (_failures.Count < Coverage.FailuresKept)
            _failures.Add(new TradeFailure(values.Market.Sheet.Trades[element], reason));
    }
}

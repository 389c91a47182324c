using NodaTime;
using RiskGrid.Kernels;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>What all European options of one slice share.</summary>
/// <param name="Name">Root and expiry date: <c>SPXW.2026-02-20</c>.</param>
/// <param name="Underlying">The factor whose level the options are written on.</param>
/// <param name="ZeroCurve">The curve that discounts them.</param>
/// <param name="Expiry">Civil date and time of expiry in New York.</param>
/// <param name="Currency">Quotation and settlement currency.</param>
/// <param name="UnderlyingFactor">Position of <paramref name="Underlying"/> in <see cref="Sheet.Factors"/>.</param>
/// <param name="DividendFactor">Position of the slice's dividend yield in <see cref="Sheet.Factors"/>.</param>
/// <param name="SkewFactor">Position of the slice's smile slope in <see cref="Sheet.Factors"/>.</param>
public sealed record EuropeanSlice(
    string Name,
    FactorName Underlying,
    string ZeroCurve,
    LocalDateTime Expiry,
    Currency Currency,
    int UnderlyingFactor,
    int DividendFactor,
    int SkewFactor);

/// <summary>The European options of a sheet as a structure of arrays in trade-id order, ready for the batched kernels.
/// Immutable; all spans have <see cref="Count"/> elements.</summary>
public sealed class EuropeanSection
{
    private readonly int[] _ordinal;
    private readonly OptionSide[] _side;
    private readonly double[] _strike;
    private readonly double[] _quantity;
    private readonly double[] _multiplier;
    private readonly int[] _slice;
    private readonly int[] _volatilityFactor;
    private readonly int[] _halfSpreadFactor;
    private readonly EuropeanSlice[] _slices;

    internal EuropeanSection(IReadOnlyList<Trade> trades, Func<FactorName, int> factorPosition)
    {
        var members = new List<(int Ordinal, TradeTerms Terms, EuropeanOption Option)>(trades.Count);
        for (var i = 0; i < trades.Count; i++)
        {
            if (trades[i].Terms.Instrument is EuropeanOption option)
                members.Add((i, trades[i].Terms, option));
        }

        Count = members.Count;
        _ordinal = new int[Count];
        _side = new OptionSide[Count];
        _strike = new double[Count];
        _quantity = new double[Count];
        _multiplier = new double[Count];
        _slice = new int[Count];
        _volatilityFactor = new int[Count];
        _halfSpreadFactor = new int[Count];

        // Two roots may share a date, and a user may book one slice name against two curves: every field that prices is in the key.
        var keys = members.Select(m => SliceKey.Of(m.Option)).Distinct().Order().ToList();
        var positions = new Dictionary<SliceKey, int>(keys.Count);
        for (var k = 0; k < keys.Count; k++)
            positions.Add(keys[k], k);
        _slices = keys.Select(k => k.ToSlice(factorPosition)).ToArray();

        for (var i = 0; i < Count; i++)
        {
            var (ordinal, terms, option) = members[i];
            _ordinal[i] = ordinal;
            _side[i] = option.Type == OptionType.Call ? OptionSide.Call : OptionSide.Put;
            _strike[i] = option.Strike;
            _quantity[i] = terms.Quantity;
            _multiplier[i] = option.Multiplier;
            _slice[i] = positions[SliceKey.Of(option)];
            _volatilityFactor[i] = factorPosition(option.VolatilityFactor);
            _halfSpreadFactor[i] = factorPosition(option.HalfSpreadFactor);
        }
    }

    /// <summary>How many options the section holds.</summary>
    public int Count { get; }

    /// <summary>Position of each option in <see cref="Sheet.Trades"/>; increasing.</summary>
    public ReadOnlySpan<int> Ordinal => _ordinal;

    /// <summary>Call or put.</summary>
    public ReadOnlySpan<OptionSide> Side => _side;

    /// <summary>Strike in price points.</summary>
    public ReadOnlySpan<double> Strike => _strike;

    /// <summary>Units held, signed.</summary>
    public ReadOnlySpan<double> Quantity => _quantity;

    /// <summary>Currency units per price point and unit of quantity.</summary>
    public ReadOnlySpan<double> Multiplier => _multiplier;

    /// <summary>Position of each option's slice in <see cref="Slices"/>.</summary>
    public ReadOnlySpan<int> Slice => _slice;

    /// <summary>Position of each option's volatility in <see cref="Sheet.Factors"/>.</summary>
    public ReadOnlySpan<int> VolatilityFactor => _volatilityFactor;

    /// <summary>Position of each option's half-spread in <see cref="Sheet.Factors"/>.</summary>
    public ReadOnlySpan<int> HalfSpreadFactor => _halfSpreadFactor;

    /// <summary>The slices, in ordinal order of their names.</summary>
    public ReadOnlySpan<EuropeanSlice> Slices => _slices;

    private readonly record struct SliceKey(
        string Name, FactorName Underlying, string ZeroCurve, LocalDateTime Expiry, Currency Currency, FactorName Dividend, FactorName Skew)
        : IComparable<SliceKey>
    {
        public static SliceKey Of(EuropeanOption option) => new(
            option.SliceName, option.Underlying, option.ZeroCurve, option.Expiry, option.Currency, option.DividendYieldFactor, option.SkewFactor);

        public int CompareTo(SliceKey other)
        {
            var order = string.CompareOrdinal(Name, other.Name);
            if (order == 0)
                order = Underlying.CompareTo(other.Underlying);
            if (order == 0)
                order = string.CompareOrdinal(ZeroCurve, other.ZeroCurve);
            if (order == 0)
                order = Expiry.CompareTo(other.Expiry);
            return order != 0 ? order : Currency.CompareTo(other.Currency);
        }

        public EuropeanSlice ToSlice(Func<FactorName, int> position) =>
            new(Name, Underlying, ZeroCurve, Expiry, Currency, position(Underlying), position(Dividend), position(Skew));
    }
}

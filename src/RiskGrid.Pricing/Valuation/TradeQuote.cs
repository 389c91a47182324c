using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>The numbers an option price was computed from.</summary>
/// <param name="Spot">Level of the underlying, price points.</param>
/// <param name="Forward">Spot·exp((zero rate − dividend yield)·time).</param>
/// <param name="Strike">Strike, price points.</param>
/// <param name="Time">Years to expiry: (civil days + clock difference) / 365.</param>
/// <param name="Volatility">Black volatility per year.</param>
/// <param name="ZeroRate">Continuously compounded Act/365 zero rate at expiry.</param>
/// <param name="DividendYield">Continuous dividend yield to expiry.</param>
/// <param name="Discount">exp(−zero rate·time).</param>
/// <param name="FxRate">Units of the reporting currency for one of the trade's currency.</param>
public readonly record struct OptionInputs(
    double Spot,
    double Forward,
    double Strike,
    double Time,
    double Volatility,
    double ZeroRate,
    double DividendYield,
    double Discount,
    double FxRate);

/// <summary>One trade priced: the same numbers, to the bit, that the trade adds to its book's sheet.</summary>
/// <param name="Trade">The trade.</param>
/// <param name="Failure">Why it can't be priced; null when it can. All other members are at their defaults then.</param>
/// <param name="Inputs">What the price was computed from.</param>
/// <param name="Greeks">Price and derivatives of one unit, in price points.</param>
/// <param name="Measures">The trade's measures in the reporting currency.</param>
/// <param name="Native">The trade's measures in its own currency.</param>
/// <param name="QuoteStatus">Status of the volatility quote.</param>
/// <param name="QuoteAsOf">As-of time of the oldest deciding quote; see <see cref="SheetMarket"/>.</param>
/// <param name="Stale">True when that quote is older than the limit.</param>
public sealed record TradeQuote(
    TradeId Trade,
    string? Failure,
    OptionInputs Inputs,
    EuropeanGreeks Greeks,
    Measures Measures,
    Measures Native,
    string? QuoteStatus,
    Instant QuoteAsOf,
    bool Stale);

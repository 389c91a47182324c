using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Chains;

/// <summary>One sound row of a listed option chain, as the file gives it.</summary>
/// <param name="Line">One-based line of the file on which the row begins.</param>
/// <param name="Contract">The exchange's contract symbol: <c>SPXW260220C06900000</c>.</param>
/// <param name="Option">What is traded; its expiry is the root's settlement time on the expiration date.</param>
/// <param name="Bid">Bid in price points; zero when nobody bids.</param>
/// <param name="Ask">Ask in price points; zero when nobody offers.</param>
/// <param name="OpenInterest">Contracts outstanding; null where the file is blank.</param>
/// <param name="LastTrade">When it last traded; null where the file is blank.</param>
public sealed record ChainQuote(
    int Line, string Contract, EuropeanOption Option, double Bid, double Ask, double? OpenInterest, Instant? LastTrade);

/// <summary>A row of a chain that cannot be used, named so that nothing vanishes silently.</summary>
/// <param name="Line">One-based line of the file on which the row begins.</param>
/// <param name="Field">The column at fault.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record QuarantinedRow(int Line, string Field, string Reason);

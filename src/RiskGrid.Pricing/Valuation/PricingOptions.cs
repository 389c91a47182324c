using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>How a market is read, the same for every node of a grid.</summary>
/// <param name="Reporting">The currency in which rollups add.</param>
/// <param name="StaleAfter">A trade is stale when the oldest of its deciding quotes is older than this at valuation; see
/// <see cref="SheetMarket"/> for which quotes decide.</param>
public sealed record PricingOptions(Currency Reporting, Duration StaleAfter);

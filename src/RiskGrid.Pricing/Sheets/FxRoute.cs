using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>One leg of a conversion: an FX factor and whether it multiplies or divides.</summary>
/// <param name="Factor">The FX rate.</param>
/// <param name="Inverse">True when the rate divides.</param>
public readonly record struct FxLeg(FactorName Factor, bool Inverse);

/// <summary>How one currency converts into another from the FX rates that a market quotes: nothing for the currency itself, the direct
/// rate, its inverse, or a cross of two rates against the euro. <c>FX.EURUSD</c> is units of the second currency for one of the first.</summary>
public sealed class FxRoute
{
    private readonly FxLeg[] _legs;

    private FxRoute(FxLeg[] legs, string? failure)
    {
        _legs = legs;
        Failure = failure;
    }

    /// <summary>The rates to apply, in order; empty within one currency.</summary>
    public ReadOnlySpan<FxLeg> Legs => _legs;

    /// <summary>Why there is no way from one to the other; null when there is.</summary>
    public string? Failure { get; }

    /// <summary>Finds the way from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public static FxRoute Find(FactorDirectory directory, Currency from, Currency to)
    {
        if (from == to)
            return new FxRoute([], failure: null);
        if (Leg(directory, from.Code, to.Code) is { } single)
            return new FxRoute([single], failure: null);
        if (Leg(directory, from.Code, "EUR") is { } first && Leg(directory, "EUR", to.Code) is { } second)
            return new FxRoute([first, second], failure: null);
        return new FxRoute(
            [], $"no FX rate from {from} to {to}: quote FX.{from}{to} or FX.{to}{from}, or both currencies against EUR");
    }

    private static FxLeg? Leg(FactorDirectory directory, string from, string to)
    {
        var direct = FactorName.Parse($"FX.{from}{to}");
        if (directory.HasFx(direct))
            return new FxLeg(direct, Inverse: false);
        var inverse = FactorName.Parse($"FX.{to}{from}");
        return directory.HasFx(inverse) ? new FxLeg(inverse, Inverse: true) : null;
    }
}

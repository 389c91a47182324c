using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Which moves of a history make scenarios, and how they are weighted and scaled. The default is every day of the panel, as it
/// happened.</summary>
public sealed record HistoricalOptions
{
    /// <summary>The longest horizon, in days of the panel.</summary>
    public const int LongestHorizon = 260;

    /// <summary>The first day on which a move may end; null for the panel's first. The move may begin before it.</summary>
    public LocalDate? From { get; init; }

    /// <summary>The last day on which a move may end; null for the panel's last. Nothing after it is looked at.</summary>
    public LocalDate? To { get; init; }

    /// <summary>How many days of the panel a move spans; windows of more than one overlap, one a day. The move of h days is the sum of the
    /// one-day moves: ln(b/a) over h rows for what moves by log return.</summary>
    public int HorizonDays { get; init; } = 1;

    /// <summary>λ of exponential weights, above 0 and below 1; null for equal ones. The newest scenario weighs most, each older one λ times the
    /// one after it: J. Boudoukh, M. Richardson and R. Whitelaw, "The best of both worlds", Risk 11 (1998), pp. 64–67.</summary>
    public double? Decay { get; init; }

    /// <summary>Scales past moves to today's volatility; null to take them as they were.</summary>
    public VolatilityFilter? Filter { get; init; }

    internal void Check()
    {
        if (From > To)
            throw new ValidationException("from", $"the window ends on {Day(To)}, before it begins on {Day(From)}");
        if (HorizonDays is < 1 or > LongestHorizon)
            throw new ValidationException("horizon_days", $"a horizon is 1 to {LongestHorizon} days, not {HorizonDays}");
        if (Decay is { } decay && decay is not (> 0 and < 1))
            throw new ValidationException("decay", $"λ of exponential weights lies between 0 and 1, both excluded; {decay:R} does not");
        Filter?.Check();
    }

    private static string Day(LocalDate? date) => NodaTime.Text.LocalDatePattern.Iso.Format(date!.Value);
}

/// <summary>Volatility filtering: each one-day move times σ_now/σ_t. J. Hull and A. White, "Incorporating volatility updating into the
/// historical simulation method for value-at-risk", Journal of Risk 1 (1998), pp. 5–19.</summary>
/// <remarks>σ²_{t+1} = λ·σ²_t + (1 − λ)·r²_t with zero mean, so σ_t knows the moves before day t only; σ²'s first value is the mean square of
/// the first <paramref name="WarmUp"/> moves, which make no scenario themselves; σ_now is the one for the day after the last move of the
/// window. The recursion starts with the panel, whatever the window. A day of the panel with an invalid move is passed over.</remarks>
/// <param name="Lambda">λ, above 0 and below 1.</param>
/// <param name="WarmUp">How many moves the first variance is taken from, at least 1.</param>
public sealed record VolatilityFilter(double Lambda = 0.94, int WarmUp = 60)
{
    internal void Check()
    {
        if (Lambda is not (> 0 and < 1))
            throw new ValidationException("filter.lambda", $"λ of the volatility filter lies between 0 and 1, both excluded; {Lambda:R} does not");
        if (WarmUp < 1)
            throw new ValidationException("filter.warm_up", $"the filter warms up over at least 1 move, not {WarmUp}");
    }
}

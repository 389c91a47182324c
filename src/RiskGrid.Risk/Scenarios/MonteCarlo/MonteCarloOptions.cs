using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>What a Monte Carlo set is drawn from.</summary>
public sealed record MonteCarloOptions
{
    /// <summary>The most paths.</summary>
    public const int MostPaths = 10_000_000;

    /// <summary>The most degrees of freedom: beyond it Student-t is normal for all that a path count could tell.</summary>
    public const int MostDegreesOfFreedom = 1_000;

    /// <summary>How many scenarios.</summary>
    public required int Paths { get; init; }

    /// <summary>Names the random numbers: the same seed gives the same ones.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Degrees of freedom of a joint Student-t, at least 3; null for normal moves.</summary>
    public int? DegreesOfFreedom { get; init; }

    /// <summary>True to follow each path 2k by its opposite, path 2k + 1.</summary>
    public bool Antithetic { get; init; }

    /// <summary>How many days a move spans: the one-day covariance times as many.</summary>
    public int HorizonDays { get; init; } = 1;

    /// <summary>λ of the exponential weights of the covariance, above 0 and below 1; null for equal weights.</summary>
    public double? Decay { get; init; }

    /// <summary>The first day of the covariance's window; null for the panel's first.</summary>
    public LocalDate? From { get; init; }

    /// <summary>The last day of the covariance's window; null for the panel's last.</summary>
    public LocalDate? To { get; init; }

    /// <summary>The one-day moves that the covariance is taken from.</summary>
    public HistoricalOptions Window => new() { From = From, To = To, Decay = Decay };

    internal void Check()
    {
        if (Paths is < 1 or > MostPaths)
            throw new ValidationException("paths", $"a run has 1 to {MostPaths} paths, not {Paths}");
        if (Antithetic && Paths % 2 != 0)
            throw new ValidationException("paths", $"antithetic paths come in pairs: {Paths} is odd");
        if (DegreesOfFreedom is < 3 or > MostDegreesOfFreedom)
            throw new ValidationException("degrees_of_freedom", $"Student-t takes 3 to {MostDegreesOfFreedom} degrees of freedom, not {DegreesOfFreedom}");
        if (HorizonDays is < 1 or > HistoricalOptions.LongestHorizon)
            throw new ValidationException("horizon_days", $"a horizon is 1 to {HistoricalOptions.LongestHorizon} days, not {HorizonDays}");
        Window.Check();
    }
}

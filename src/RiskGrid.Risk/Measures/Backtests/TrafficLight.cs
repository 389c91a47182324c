namespace RiskGrid.Risk;

/// <summary>A supervisor's zone.</summary>
public enum Zone
{
    /// <summary>Nothing speaks against the model.</summary>
    Green = 0,

    /// <summary>In between: yellow in the Committee's text on VaR, amber in that on P&amp;L attribution.</summary>
    Amber = 1,

    /// <summary>The model is presumed wrong.</summary>
    Red = 2,
}

/// <summary>The traffic light of the Basel Committee: where the number of exceptions lies in the distribution that an accurate model gives it.</summary>
/// <remarks>Basel Committee on Banking Supervision, Supervisory framework for the use of "backtesting" in conjunction with the internal
/// models approach to market risk capital requirements (January 1996), section III and table 2: yellow begins where P(X ≤ x) reaches
/// 95 %, red where it reaches 99.99 %. The same rule serves other numbers of days and other confidences.</remarks>
/// <param name="Zone">The zone.</param>
/// <param name="CumulativeProbability">P(X ≤ x) for the binomial with N days and probability p.</param>
/// <param name="ProbabilityOfAsMany">P(X ≥ x): the error of rejecting an accurate model.</param>
/// <param name="MultiplierIncrease">The increase of the capital multiplier by table 2, for 250 days at 99 %; null otherwise.</param>
public readonly record struct TrafficLight(Zone Zone, double CumulativeProbability, double ProbabilityOfAsMany, double? MultiplierIncrease)
{
    private const double YellowFrom = 0.95;
    private const double RedFrom = 0.9999;
    private const int TableDays = 250;
    private const double TableProbability = 0.01;

    private static ReadOnlySpan<double> Increases => [0, 0, 0, 0, 0, 0.40, 0.50, 0.65, 0.75, 0.85, 1.00];

    /// <summary>The light for x exceptions in N days.</summary>
    /// <exception cref="ArgumentException">A count or the probability is outside its range.</exception>
    public static TrafficLight Of(long observations, long exceptions, double probability)
    {
        ExceptionTests.Check(observations, exceptions, probability);
        var cumulative = Binomial.Cdf(exceptions, observations, probability);
        var zone = cumulative < YellowFrom ? Zone.Green : cumulative < RedFrom ? Zone.Amber : Zone.Red;
        double? increase = observations == TableDays && probability == TableProbability
            ? Increases[(int)Math.Min(exceptions, Increases.Length - 1)]
            : null;
        return new TrafficLight(zone, cumulative, Binomial.Survival(exceptions - 1, observations, probability), increase);
    }
}

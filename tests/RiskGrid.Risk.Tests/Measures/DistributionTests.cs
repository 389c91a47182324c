using System.Globalization;
using RiskGrid.Pricing.Tests;

namespace RiskGrid.Risk.Tests.Measures;

/// <summary>Special functions against 40-digit values (distributions.py) and printed tables.</summary>
public sealed class DistributionTests
{
    // Of the value, or of 1 where a probability is compared: what the functions promise.
    private const double Tolerance = 1e-12;

    [Fact]
    public void Every_function_agrees_with_its_reference_values()
    {
        var rows = File.ReadAllLines(RepositoryData.PathOf("../tests/RiskGrid.Risk.Tests/Measures/distributions.csv")).Skip(1).Select(l => l.Split(',')).ToList();
        Assert.Equal(294, rows.Count);
        foreach (var row in rows)
        {
            var (a, b, x, expected) = (Number(row[1]), Number(row[2]), Number(row[3]), Number(row[4]));
            var actual = row[0] switch
            {
                "log_gamma" => GammaFunction.Log(a),
                "gamma_lower" => GammaFunction.Lower(a, x),
                "gamma_upper" => GammaFunction.Upper(a, x),
                "beta" => BetaFunction.Lower(a, b, x),
                "student_quantile" => StudentT.Quantile(x, a),
                _ => throw new InvalidDataException(row[0]),
            };
            Assert.True(Math.Abs(actual - expected) <= Tolerance * Math.Max(1e-3, Math.Abs(expected)), $"{string.Join(',', row)} gives {actual:R}");
        }
    }

    // Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.8: percentage points of the chi-square distribution.
    [Theory]
    [InlineData(1, 0.05, 3.84146)]
    [InlineData(1, 0.01, 6.63490)]
    [InlineData(2, 0.05, 5.99146)]
    [InlineData(2, 0.01, 9.21034)]
    [InlineData(10, 0.05, 18.3070)]
    [InlineData(30, 0.01, 50.8922)]
    public void Chi_square_has_its_tabled_percentage_points(int degrees, double probability, double point) =>
        Assert.Equal(probability, ChiSquare.Survival(point, degrees), 1e-5);

    // Abramowitz and Stegun, table 26.10: percentage points of the t distribution.
    [Theory]
    [InlineData(1, 0.975, 12.706)]
    [InlineData(4, 0.99, 3.747)]
    [InlineData(5, 0.975, 2.571)]
    [InlineData(10, 0.995, 3.169)]
    [InlineData(30, 0.95, 1.697)]
    public void Student_has_its_tabled_percentage_points(int degrees, double probability, double point) =>
        Assert.Equal(point, StudentT.Quantile(probability, degrees), 5e-4);

    [Fact]
    public void The_binomial_adds_up_its_terms()
    {
        // P(X ≤ 4) of 250 trials at 1 %: 89.22 %, the end of the green zone in the Basel Committee's table of 1996.
        Assert.Equal(0.8922, Binomial.Cdf(4, 250, 0.01), 5e-5);
        Assert.Equal(0.75, Binomial.Cdf(1, 2, 0.5), 1e-15);
        Assert.Equal(0.25, Binomial.Survival(1, 2, 0.5), 1e-15);
        Assert.Equal((0, 1, 1, 0), (Binomial.Cdf(-1, 5, 0.3), Binomial.Survival(-1, 5, 0.3), Binomial.Cdf(5, 5, 0.3), Binomial.Survival(5, 5, 0.3)));
    }

    [Fact]
    public void Ends_of_the_ranges_are_zero_or_one()
    {
        Assert.Equal((0, 1), (GammaFunction.Lower(2, 0), GammaFunction.Upper(2, 0)));
        Assert.Equal((1, 0), (GammaFunction.Lower(2, double.PositiveInfinity), GammaFunction.Upper(2, double.PositiveInfinity)));
        Assert.Equal((0, 1), (BetaFunction.Lower(2, 3, 0), BetaFunction.Lower(2, 3, 1)));
        Assert.Equal((0, 0.5), (StudentT.Quantile(0.5, 3), StudentT.Cdf(0, 3)));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

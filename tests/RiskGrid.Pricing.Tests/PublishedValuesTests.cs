using System.Globalization;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Tests;

/// <summary>Prices and Greeks printed in books, each row with its source and the tolerance that its printed digits allow.</summary>
public sealed class PublishedValuesTests
{
    public static TheoryData<string> Rows() => [.. File.ReadAllLines(RepositoryData.PathOf("reference/european.csv")).Skip(1)];

    [Fact]
    public void There_are_54_published_rows() => Assert.Equal(54, Rows().Count);

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_published_value_is_met_within_its_own_tolerance(string row)
    {
        var field = row.Split(',');
        double Number(int at) => double.Parse(field[at], CultureInfo.InvariantCulture);
        var type = Enum.Parse<OptionType>(field[1]);
        var (strike, spot, yield, rate, years, volatility) = (Number(2), Number(3), Number(4), Number(5), Number(6), Number(7));
        var (expected, tolerance) = (Number(8), Number(9));

        var option = SampleMarket.Option(type, strike, years);
        var market = new SampleMarket().Set("IDX.SP500", spot).Set("ZC.USD.1Y", rate).QuoteContract(option, volatility, yield);
        var quote = SheetPricer.PriceTrade(SampleMarket.Trade("PUBLISHED", option), market.Snapshot(), SampleMarket.Options);

        Assert.Null(quote.Failure);
        var actual = field[0] switch
        {
            "price" => quote.Greeks.Price,
            "delta" => quote.Greeks.Delta,
            "elasticity" => quote.Greeks.Elasticity(spot)!.Value,
            "gamma" => quote.Greeks.Gamma,
            "vega" => quote.Greeks.Vega,
            "theta" => quote.Greeks.Theta,
            "thetaPerDay" => quote.Greeks.ThetaPerDay,
            "rho" => quote.Greeks.Rho,
            "dividendRho" => quote.Greeks.DividendRho(spot, quote.Inputs.Time),
            var other => throw new InvalidDataException($"unknown quantity {other}"),
        };
        Assert.True(Math.Abs(actual - expected) <= tolerance, $"{row}: got {actual:R}");
    }
}

using System.Globalization;

namespace RiskGrid.Kernels.Tests;

/// <summary>Every row of data/reference/european.csv, as its source prints it.</summary>
public sealed class PublishedValuesTests
{
    public static TheoryData<string> Rows()
    {
        var rows = new TheoryData<string>();
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "data/reference/european.csv")).Skip(1)) rows.Add(line);
        return rows;
    }

    [Fact]
    public void All_54_rows_are_there() => Assert.Equal(54, Rows().Count);

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_published_value_is_met_within_the_digits_it_was_printed_with(string row)
    {
        var fields = row.Split(',', 11);
        double Number(int i) => double.Parse(fields[i], CultureInfo.InvariantCulture);
        var side = string.Equals(fields[1], "Call", StringComparison.Ordinal) ? OptionSide.Call : OptionSide.Put;
        var option = new SpotOption(side, Number(3), Number(2), Number(6), Number(7), Number(5), Number(4));
        var greeks = option.Greeks();
        var ours = fields[0] switch
        {
            "price" => greeks.Price,
            "delta" => greeks.Delta,
            "gamma" => greeks.Gamma,
            "vega" => greeks.Vega,
            "theta" => greeks.Theta,
            "rho" => greeks.Rho,
            "elasticity" => greeks.Delta * option.Spot / greeks.Price,
            "thetaPerDay" => greeks.Theta / 365,
            // The spot enters only as S exp(-q T), so dV/dq = -T S dV/dS.
            "dividendRho" => -option.Time * option.Spot * greeks.Delta,
            var other => throw new InvalidDataException($"unknown quantity {other}"),
        };
        Assert.True(Math.Abs(ours - Number(8)) <= Number(9), $"{row}: ours is {ours:R}");
        Assert.Equal(greeks.Price, option.Price(), 13);
    }
}

namespace RiskGrid.Kernels.Tests;

/// <summary>The promised accuracy against 50-digit values (Reference/, written by native/derive/reference.py).</summary>
public sealed class AccuracyTests
{
    // Greeks below this are denormal on the way: the kernels take phi as zero beyond 37.5 deviations.
    private const double Smallest = 1e-290;

    [Fact]
    public void Prices_are_within_1e15_of_the_larger_leg_and_Greeks_within_1e11()
    {
        var table = new ReferenceTable("european.csv");
        for (var i = 0; i < table.Count; i++)
        {
            var row = i;
            double Value(string column) => table.Number(row, column);
            var g = new SpotOption(table.Side(i), Value("spot"), Value("strike"), Value("time"), Value("volatility"), Value("rate"),
                Value("yield")).Greeks();
            Near.Require(Value("price"), g.Price, 1e-15 * Value("priceScale"), $"price of {table.Line(i)}");
            Greek("delta", g.Delta, 0);
            Greek("gamma", g.Gamma, 0);
            Greek("vega", g.Vega, 0);
            Greek("rho", g.Rho, 0);
            Greek("theta", g.Theta, Value("thetaScale"));
            Greek("vanna", g.Vanna, Value("vannaScale"));
            Greek("volga", g.Volga, Value("volgaScale"));

            void Greek(string name, double ours, double terms) => Near.Require(Value(name), ours,
                Math.Max(1e-11 * Math.Abs(Value(name)), 1e-13 * terms) + Smallest, $"{name} of {table.Line(row)}");
        }
    }

    [Fact]
    public void Implied_volatilities_are_within_1e12_or_what_rounding_a_price_in_the_money_costs()
    {
        var table = new ReferenceTable("implied.csv");
        for (var i = 0; i < table.Count; i++)
        {
            var option = new ForwardOption(table.Side(i), table.Number(i, "forward"), table.Number(i, "strike"),
                table.Number(i, "time"), 0, table.Number(i, "discount"));
            var status = option.TryImply(table.Number(i, "price"), out var volatility);
            Assert.True(status == ElementStatus.Ok, $"{status} for {table.Line(i)}");
            var rounding = string.Equals(table.Text(i, "moneyness"), "itm", StringComparison.Ordinal)
                ? 4 * double.BitIncrement(1) % 1 * table.Number(i, "priceOverVolVega") : 0;
            Near.Require(1, volatility / table.Number(i, "volatility"), Math.Max(1e-12, rounding), $"volatility of {table.Line(i)}");
        }
    }

    [Fact]
    public void Elementary_functions_are_within_their_stated_errors()
    {
        var table = new ReferenceTable("elementary.csv");
        for (var i = 0; i < table.Count; i++)
        {
            var x = table.Number(i, "x");
            var (ours, relative) = table.Text(i, "function") switch
            {
                "exp" => (Elementary.Exp(x), 2.5e-16),
                "log" => (Elementary.Log(x), 2.5e-16),
                "cdf" => (Elementary.NormalCdf(x), 1e-15),
                "pdf" => (Elementary.NormalPdf(x), 1e-15),
                "inverse" => (Elementary.InverseNormalCdf(x), 1e-15),
                _ => (Elementary.Pow(x, table.Number(i, "y")), 1e-15),
            };
            var expected = table.Number(i, "value");
            Near.Require(expected, ours, relative * Math.Abs(expected), table.Line(i));
        }
    }
}

namespace RiskGrid.Kernels.Tests;

/// <summary>Bachelier's formula against 50-digit values (Reference/bachelier.csv), its edges and its inverse.</summary>
public sealed class BachelierTests
{
    private static readonly ForwardOption Plain = new(OptionSide.Call, -1, 2, 0.5, 4, 0.97);

    [Fact]
    public void Prices_are_within_1e15_of_their_scale_and_Greeks_within_1e11()
    {
        var table = new ReferenceTable("bachelier.csv");
        for (var i = 0; i < table.Count; i++)
        {
            var row = i;
            Assert.Equal(ElementStatus.Ok, TryGreeks(Option(table, i), out var g));
            Near.Require(table.Number(i, "price"), g.Price, 1e-15 * table.Number(i, "priceScale"), $"price of {table.Line(i)}");
            Greek("delta", g.Delta, 0);
            Greek("gamma", g.Gamma, 0);
            Greek("vega", g.Vega, 0);
            Greek("rho", g.Rho, 0);
            Greek("theta", g.Theta, table.Number(i, "thetaScale"));
            Greek("vanna", g.Vanna, 0);
            Greek("volga", g.Volga, 0);

            void Greek(string name, double ours, double terms)
            {
                var expected = table.Number(row, name);
                Near.Require(expected, ours, Math.Max(1e-11 * Math.Abs(expected), 1e-13 * terms), $"{name} of {table.Line(row)}");
            }
        }
    }

    [Fact]
    public void Implied_volatilities_are_within_1e12_or_what_rounding_a_price_in_the_money_costs()
    {
        var table = new ReferenceTable("bachelier.csv");
        for (var i = 0; i < table.Count; i++)
        {
            var option = Option(table, i);
            var status = TryImply(option, table.Number(i, "price"), out var volatility);
            var inTheMoney = string.Equals(table.Text(i, "moneyness"), "itm", StringComparison.Ordinal);
            var rounding = inTheMoney ? 8.9e-16 * table.Number(i, "priceOverVolVega") : 0;
            if (rounding > 0.01) continue; // The price holds next to nothing but its intrinsic value.
            Assert.True(status == ElementStatus.Ok, $"{status} for {table.Line(i)}");
            Near.Require(1, volatility / table.Number(i, "volatility"), Math.Max(1e-12, rounding), $"volatility of {table.Line(i)}");
        }
    }

    [Fact]
    public void At_the_money_an_option_is_worth_its_deviation_over_the_root_of_two_pi()
    {
        var price = Price(new ForwardOption(OptionSide.Put, -36.98, -36.98, 0.25, 20, 1));
        Near.Require(10 / Math.Sqrt(2 * Math.PI), price, 1e-15, "the price at the money");
        Assert.Equal(ElementStatus.Ok, TryImply(new ForwardOption(OptionSide.Put, -36.98, -36.98, 0.25, 0, 1), price, out var volatility));
        Near.Require(20, volatility, 1e-13, "the volatility at the money");
    }

    [Fact]
    public void Parity_holds_and_only_the_distance_to_the_strike_counts() =>
        Draw.ForAll(61, 3000, d => new ForwardOption(OptionSide.Call, d.Uniform(-50, 50), d.Uniform(-50, 50), d.LogUniform(0.01, 5),
            d.LogUniform(0.1, 50), d.Uniform(0.6, 1.05)), o =>
        {
            var (call, put) = (Price(o), Price(o with { Side = OptionSide.Put }));
            var scale = Math.Abs(o.Forward - o.Strike) + (o.Volatility * Math.Sqrt(o.Time));
            Near.Require(o.Discount * (o.Forward - o.Strike), call - put, 2e-15 * scale, "call less put");
            Near.Require(call, Price(o with { Side = OptionSide.Put, Forward = o.Strike, Strike = o.Forward }), 1e-15 * scale, "the mirror");
        });

    [Fact]
    public void Prices_down_to_the_smallest_imply_a_volatility_that_gives_them_back()
    {
        for (var exponent = -290.0; exponent <= 20; exponent += 0.7)
        {
            var price = Math.Pow(10, exponent);
            var option = new ForwardOption(OptionSide.Call, -1, 1, 1, 0, 1);
            Assert.True(TryImply(option, price, out var volatility) == ElementStatus.Ok, $"price {price}");
            // phi amplifies an error of d by d², and beyond 37.5 deviations the price is taken as zero.
            Near.Require(price, Price(option with { Volatility = volatility }), 1e-11 * price, $"price {price}");
        }
    }

    [Theory]
    [InlineData(OptionSide.Call, 3.0, 1.0, 2, 1)]
    [InlineData(OptionSide.Put, 3.0, 1.0, 0, 0)]
    [InlineData(OptionSide.Put, -3.0, 1.0, 4, -1)]
    [InlineData(OptionSide.Call, -1.0, -1.0, 0, 1)]
    [InlineData(OptionSide.Put, -1.0, -1.0, 0, 0)]
    public void Without_time_or_volatility_an_option_is_its_payoff(OptionSide side, double forward, double strike, double price, double delta)
    {
        foreach (var (time, volatility) in new[] { (0.0, 5.0), (5.0, 0.0), (0.0, 0.0) })
        {
            Assert.Equal(ElementStatus.Ok, TryGreeks(new ForwardOption(side, forward, strike, time, volatility, 1), out var g));
            Assert.Equal((price, delta), (g.Price, g.Delta));
            Assert.Equal((0.0, 0.0, 0.0, 0.0), (g.Gamma, g.Vega, g.Vanna, g.Volga));
        }
    }

    [Theory]
    [InlineData(0, double.NaN, ElementStatus.NotFinite)]
    [InlineData(1, double.PositiveInfinity, ElementStatus.NotFinite)]
    [InlineData(2, -1.0, ElementStatus.NegativeTime)]
    [InlineData(3, -1.0, ElementStatus.NegativeVolatility)]
    [InlineData(4, 0.0, ElementStatus.NonPositiveDiscount)]
    [InlineData(5, 0.0, ElementStatus.BadSide)]
    public void An_option_that_makes_no_sense_is_refused_with_its_reason(int field, double value, ElementStatus reason)
    {
        var option = field switch
        {
            0 => Plain with { Forward = value },
            1 => Plain with { Strike = value },
            2 => Plain with { Time = value },
            3 => Plain with { Volatility = value },
            4 => Plain with { Discount = value },
            _ => Plain with { Side = (OptionSide)value },
        };
        Assert.Equal(reason, TryGreeks(option, out var g));
        Near.SameBits(double.NaN, g.Price, "a refused price is the canonical NaN");
    }

    [Theory]
    [InlineData(OptionSide.Put, 2.9, 0.5, ElementStatus.BelowIntrinsic)]
    [InlineData(OptionSide.Call, -0.1, 0.5, ElementStatus.BelowIntrinsic)]
    [InlineData(OptionSide.Call, double.NaN, 0.5, ElementStatus.NotFinite)]
    [InlineData(OptionSide.Call, 1.0, 0.0, ElementStatus.NonPositiveTime)]
    public void A_price_no_volatility_gives_is_refused_with_its_reason(OptionSide side, double price, double time, ElementStatus reason)
    {
        Assert.Equal(reason, TryImply(Plain with { Side = side, Time = time }, price, out var volatility));
        Near.SameBits(double.NaN, volatility, "a refused volatility is the canonical NaN");
    }

    private static ForwardOption Option(ReferenceTable table, int row) => new(table.Side(row), table.Number(row, "forward"),
        table.Number(row, "strike"), table.Number(row, "time"), table.Number(row, "volatility"), table.Number(row, "discount"));

    private static double Price(ForwardOption option)
    {
        Span<ElementStatus> status = stackalloc ElementStatus[1];
        Span<double> output = stackalloc double[1];
        Assert.Equal(0, Bachelier.Price(option.Batch(), output, status));
        return output[0];
    }

    private static ElementStatus TryGreeks(ForwardOption option, out GreekValues greeks)
    {
        Span<ElementStatus> status = stackalloc ElementStatus[1];
        Span<double> o = stackalloc double[8];
        Bachelier.Greeks(option.Batch(), SpotOption.Buffers(o), status);
        greeks = new GreekValues(o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7]);
        return status[0];
    }

    private static ElementStatus TryImply(ForwardOption option, double price, out double volatility)
    {
        Span<ElementStatus> status = stackalloc ElementStatus[1];
        Span<double> output = stackalloc double[1];
        Bachelier.ImpliedVolatility(option.Batch(), new[] { price }, output, status);
        volatility = output[0];
        return status[0];
    }
}

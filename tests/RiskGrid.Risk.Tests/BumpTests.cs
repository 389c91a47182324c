using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Tests;

namespace RiskGrid.Risk.Tests;

public sealed class BumpTests
{
    private const int Seed = 91;

    private static readonly FactorName[] Drivers =
        BlockBits.Names("IDX.SP500", "IDX.VIX", "EQ.SAP", "EQ.HSBA", "ZC.USD.1Y", "ZC.EUR.1Y", "ZC.GBP.1Y", "FX.EURUSD", "FX.EURGBP");

    [Fact]
    public void Sensitivities_are_the_Greeks_of_the_trades()
    {
        var (market, trades) = SampleMarket.Portfolio(150, Seed);
        foreach (var name in market.Quotes.Keys.Where(k => k.Class == FactorClass.Skew).ToList())
            market.Set(name.Value, 0);
        var expected = Greeks(market, trades, out var scale);
        var sensitivities = Sensitivities(market, trades, out var set);

        Assert.Equal(set.Drivers.AsEnumerable(), sensitivities.Factors.AsEnumerable());
        foreach (var (factor, delta) in expected.Delta)
        {
            var found = sensitivities.Delta[set.DriverIndex(factor)];
            Assert.True(Math.Abs(found - delta) < 1e-4 * scale.Delta[factor], $"seed {Seed}: delta of {factor} {delta:R}, by bumps {found:R}, gross {scale.Delta[factor]:R}");
        }

        var matrix = sensitivities.GammaMatrix();
        foreach (var (pair, gamma) in expected.Gamma)
        {
            var found = matrix[(set.DriverIndex(pair.Item1) * set.Drivers.Length) + set.DriverIndex(pair.Item2)];
            Assert.True(Math.Abs(found - gamma) < 1e-3 * scale.Gamma[pair], $"seed {Seed}: gamma of {pair} {gamma:R}, by bumps {found:R}, gross {scale.Gamma[pair]:R}");
        }
    }

    [Fact]
    public void Delta_and_gamma_foretell_the_revaluation_of_a_small_joint_move()
    {
        var (market, trades) = SampleMarket.Portfolio(150, Seed + 1);
        var sensitivities = Sensitivities(market, trades, out var set);
        var random = new Random(Seed);
        var sheet = market.For(Sheet.Build(SampleMarket.Book, trades));
        var shocks = Enumerable.Range(0, 20).Select(_ => Drivers.ToDictionary(d => d, d => (random.NextDouble() - 0.5) * (d.Class == FactorClass.Zero ? 2e-4 : 4e-3))).ToArray();
        var scenarios = shocks.Select((s, i) => new NamedScenario($"{i}", [.. s.Select(m => m.Key.Class == FactorClass.Zero ? Shock.Absolute(m.Key.Value, m.Value) : Shock.Relative(m.Key.Value, Math.Exp(m.Value) - 1))]));

        // On a market of the drivers alone, so that the curves have the very pillars that are bumped.
        var drivers = Drivers.Select(d => KeyValuePair.Create(d, new Quote(1, SampleMarket.Valuation, QuoteStatus.Ok)));
        var joint = ScenarioSet.Explicit("joint", scenarios, new MarketSnapshot(SampleMarket.Valuation, drivers), ScenarioRules.VixConstantMoneyness);
        var prepared = new PreparedSheet(sheet, joint);
        Assert.Equal(0, prepared.TradesMissing);
        var pnl = new double[shocks.Length];
        prepared.Accumulate(joint.Block(0, shocks.Length), 0, shocks.Length, pnl);
        double error = 0, linear = 0, total = 0;
        for (var s = 0; s < shocks.Length; s++)
        {
            var move = set.Drivers.Select(d => shocks[s][d]).ToArray();
            error = Math.Max(error, Math.Abs(sensitivities.Pnl(move) - pnl[s]));
            linear = Math.Max(linear, Math.Abs((sensitivities with { Gamma = [] }).Pnl(move) - pnl[s]));
            total = Math.Max(total, Math.Abs(pnl[s]));
        }

        Assert.True(error < 2e-4 * total, $"seed {Seed}: off by {error:R} of {total:R}");
        Assert.True(error < 0.05 * linear, $"seed {Seed}: second order leaves {error:R} of what first order leaves, {linear:R}");
    }

    [Fact]
    public void Only_drivers_that_meet_in_an_option_are_bumped_together()
    {
        var index = SampleMarket.Option(OptionType.Call, 6900, 1, curve: "USD-SPX");
        var stock = SampleMarket.Option(OptionType.Call, 180, 1, "SAP", "EQ.SAP", "EUR", "EUR");
        var sheet = Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("A", index), SampleMarket.Trade("B", stock)]);
        var drivers = BlockBits.Names("IDX.SP500", "IDX.VIX", "EQ.SAP", "ZC.USD.1Y", "ZC.USD.5Y", "ZC.USD.10Y", "ZC.EUR.1Y", "FX.EURUSD");
        var set = ScenarioSet.Bumps([new SheetBinding(sheet, new FactorDirectory(drivers), SampleMarket.Options)], drivers);
        Assert.Equal(
            [
                "EQ.SAP FX.EURUSD", "EQ.SAP IDX.VIX", "EQ.SAP ZC.EUR.1Y", "FX.EURUSD IDX.VIX", "FX.EURUSD ZC.EUR.1Y", "IDX.SP500 IDX.VIX",
                "IDX.SP500 ZC.USD.10Y", "IDX.SP500 ZC.USD.1Y", "IDX.SP500 ZC.USD.5Y", "IDX.VIX ZC.EUR.1Y", "IDX.VIX ZC.USD.10Y", "IDX.VIX ZC.USD.1Y",
                "IDX.VIX ZC.USD.5Y", "ZC.USD.10Y ZC.USD.5Y", "ZC.USD.1Y ZC.USD.5Y",
            ],
            set.Pairs.Select(p => $"{set.Drivers[p.First]} {set.Drivers[p.Second]}"));
        Assert.Equal((2 * 8) + (4 * 15), set.Count);
        Assert.Equal(("EQ.SAP +", "EQ.SAP -"), (set.Label(0), set.Label(1)));
        Assert.Equal("EQ.SAP -, FX.EURUSD +", set.Label(16 + 2));
        var corner = set.Block(18, 1);
        Assert.Equal([-1e-3, 1e-3], new[] { corner.Moves(set.DriverIndex(FactorName.Parse("EQ.SAP")))[0], corner.Moves(set.DriverIndex(FactorName.Parse("FX.EURUSD")))[0] });
        Assert.Equal(BlockBits.Of(set.Block(0, set.Count).Part(13, 20)), BlockBits.Of(set.Block(13, 20)));
        Assert.Throws<ArgumentException>(() => set.Sensitivities(new double[3]));
        Assert.Equal("steps", Assert.Throws<ValidationException>(() => ScenarioSet.Bumps([], drivers, new BumpSteps(Price: 0))).Field);
        Assert.Equal("drivers", Assert.Throws<ValidationException>(() => ScenarioSet.Bumps([], [])).Field);
    }

    private static FactorSensitivities Sensitivities(SampleMarket market, List<Trade> trades, out BumpScenarioSet set)
    {
        var sheet = market.For(Sheet.Build(SampleMarket.Book, trades));
        set = ScenarioSet.Bumps([sheet.Binding], Drivers);
        return set.Sensitivities(new SheetRevaluation(sheet, set).ComputeAll());
    }

    // By the chain rule from price-point Greeks: S = S₀eˣ, σ = σ₀e^{bv}, X = X₀e^{±y} in the reporting currency.
    private static (Dictionary<FactorName, double> Delta, Dictionary<(FactorName, FactorName), double> Gamma) Greeks(
        SampleMarket market, List<Trade> trades, out (Dictionary<FactorName, double> Delta, Dictionary<(FactorName, FactorName), double> Gamma) gross)
    {
        var delta = new Dictionary<FactorName, double>();
        var gamma = new Dictionary<(FactorName, FactorName), double>();
        var (grossDelta, grossGamma) = (new Dictionary<FactorName, double>(), new Dictionary<(FactorName, FactorName), double>());
        void Add<T>(Dictionary<T, double> net, Dictionary<T, double> whole, T key, double value) where T : notnull
        {
            net[key] = net.GetValueOrDefault(key) + value;
            whole[key] = whole.GetValueOrDefault(key) + Math.Abs(value);
        }

        foreach (var trade in trades)
        {
            var option = (EuropeanOption)trade.Terms.Instrument;
            var quote = SheetPricer.PriceTrade(trade, market.Snapshot(), SampleMarket.Options);
            var (g, x) = (quote.Greeks, quote.Inputs);
            var units = trade.Terms.Quantity * option.Multiplier * x.FxRate;
            var beta = Math.Min(1, Math.Sqrt(30 / 365.0 / x.Time));
            var vegaByIndex = units * g.Vega * x.Volatility * beta;
            var (index, rate) = (ScenarioDrivers.VolatilityIndex, FactorName.Parse($"ZC.{option.Currency}.1Y"));
            Add(delta, grossDelta, option.Underlying, units * g.Delta * x.Spot);
            Add(delta, grossDelta, index, vegaByIndex);
            Add(delta, grossDelta, rate, units * g.Rho);
            Add(gamma, grossGamma, (option.Underlying, option.Underlying), units * ((g.Gamma * x.Spot * x.Spot) + (g.Delta * x.Spot)));

            // Vanna by spot and volga, J. Hull's d1 and d2: ∂²V/∂S∂σ = −vega·d2/(S·σ√T), ∂²V/∂σ² = vega·d1·d2/σ.
            var deviation = x.Volatility * Math.Sqrt(x.Time);
            var d1 = (Math.Log(x.Forward / x.Strike) / deviation) + (deviation / 2);
            var d2 = d1 - deviation;
            Add(gamma, grossGamma, (option.Underlying, index), -vegaByIndex * d2 / deviation);
            Add(gamma, grossGamma, (index, index), (vegaByIndex * beta * d1 * d2) + (vegaByIndex * beta));
            foreach (var (fx, sign) in option.Currency.Code switch
            {
                "EUR" => [("FX.EURUSD", 1.0)],
                "GBP" => [("FX.EURUSD", 1.0), ("FX.EURGBP", -1.0)],
                _ => Array.Empty<(string, double)>(),
            })
            {
                var leg = FactorName.Parse(fx);
                Add(delta, grossDelta, leg, sign * units * g.Price);
                Add(gamma, grossGamma, (leg, leg), units * g.Price);
                Add(gamma, grossGamma, (option.Underlying, leg), sign * units * g.Delta * x.Spot);
                Add(gamma, grossGamma, (rate, leg), sign * units * g.Rho);
            }
        }

        gross = (grossDelta, grossGamma);
        return (delta, gamma);
    }
}

using System.Globalization;
using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Risk.Tests;

public sealed class MonteCarloTests
{
    private const ulong Seed = 20260130;

    private static readonly FactorName[] Drivers = BlockBits.Names("EQ.AAPL", "EQ.XOM", "IDX.SP500", "IDX.VIX", "ZC.USD.1Y", "ZC.USD.10Y", "FX.EURUSD");

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData(9, false)]
    [InlineData(9, true)]
    public void The_paths_have_the_covariance_of_the_history(int? degrees, bool antithetic)
    {
        const int Paths = 200_000;
        var set = ScenarioSet.MonteCarlo(
            Panels.Real, Drivers, new MonteCarloOptions { Paths = Paths, Seed = Seed, DegreesOfFreedom = degrees, Antithetic = antithetic, HorizonDays = 10 });
        var block = set.Block(0, Paths);
        var independent = antithetic ? Paths / 2 : Paths;
        for (var i = 0; i < Drivers.Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var x = block.Moves(i);
                var y = block.Moves(j);
                double sum = 0, squares = 0;
                for (var p = 0; p < Paths; p++)
                {
                    sum += x[p] * y[p];
                    squares += x[p] * y[p] * x[p] * y[p];
                }

                var error = Math.Sqrt(((squares / Paths) - (sum / Paths * sum / Paths)) / independent);
                var off = (sum / Paths) - set.Covariance[i, j];
                Assert.True(Math.Abs(off) < 5 * error, $"seed {Seed}: {set.Drivers[i]} × {set.Drivers[j]} is off by {off / error:F1} standard errors");
            }
        }
    }

    [Fact]
    public void The_covariance_is_that_of_the_window_over_the_horizon_about_a_mean_of_zero()
    {
        var options = new MonteCarloOptions { Paths = 2, Seed = Seed, HorizonDays = 10, Decay = 0.94, From = new LocalDate(2008, 1, 1), To = new LocalDate(2008, 12, 31) };
        var set = ScenarioSet.MonteCarlo(Panels.Real, Drivers, options);
        var history = ScenarioSet.Historical(Panels.Real, Drivers, new HistoricalOptions { Decay = 0.94, From = options.From, To = options.To });
        var (index, volatility) = (FactorName.Parse("IDX.SP500"), FactorName.Parse("IDX.VIX"));
        var expected = 0.0;
        for (var s = 0; s < history.Count; s++)
            expected += 10 * history.Weights[s] * history.Moves(index)[s] * history.Moves(volatility)[s];
        Assert.Equal(expected, set.Covariance[set.DriverIndex(index), set.DriverIndex(volatility)], 15);
        Assert.Equal(history.Count, set.Covariance.Observations);
        Assert.True(expected < -1e-3, "share prices and the volatility index moved against each other in 2008");
    }

    // Quantiles of Student's t: M. Abramowitz and I. Stegun, Handbook of Mathematical Functions (1964), table 26.10.
    [Theory]
    [InlineData(3, 0.10, 1.638)]
    [InlineData(3, 0.01, 4.541)]
    [InlineData(4, 0.025, 2.776)]
    [InlineData(5, 0.01, 3.365)]
    [InlineData(5, 0.005, 4.032)]
    [InlineData(30, 0.01, 2.457)]
    public void Student_t_tails_have_the_published_quantiles(int degrees, double tail, double quantile)
    {
        const int Paths = 400_000;
        var set = Of(MonteCarlo(BlockBits.Names("EQ.A"), [4.0], new MonteCarloOptions { Paths = Paths, Seed = Seed, DegreesOfFreedom = degrees }));
        var threshold = 2 * quantile * Math.Sqrt((degrees - 2.0) / degrees);
        int above = 0, below = 0;
        foreach (var move in set.Moves(0))
        {
            above += move > threshold ? 1 : 0;
            below += move < -threshold ? 1 : 0;
        }

        var error = Math.Sqrt(tail * (1 - tail) * Paths);
        Assert.InRange((above - (tail * Paths)) / error, -4.5, 4.5);
        Assert.InRange((below - (tail * Paths)) / error, -4.5, 4.5);
    }

    [Fact]
    public void Student_t_has_the_kurtosis_of_its_degrees_and_its_factors_share_the_tail()
    {
        const int Paths = 1_000_000;
        var set = Of(MonteCarlo(BlockBits.Names("EQ.A", "EQ.B"), [1, 0, 0, 1], new MonteCarloOptions { Paths = Paths, Seed = Seed, DegreesOfFreedom = 12 }));
        double fourth = 0, second = 0, joint = 0;
        for (var p = 0; p < Paths; p++)
        {
            var (x, y) = (set.Moves(0)[p], set.Moves(1)[p]);
            second += x * x / Paths;
            fourth += x * x * x * x / Paths;
            joint += x * x * y * y / Paths;
        }

        // Excess 6/(ν − 4); uncorrelated, yet E x²y² = (ν − 2)/(ν − 4).
        Assert.Equal(0.75, (fourth / (second * second)) - 3, 0.06);
        Assert.Equal(10 / 8.0, joint, 0.02);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(5, false)]
    [InlineData(null, true)]
    [InlineData(5, true)]
    public void Any_split_into_blocks_and_any_gathering_has_the_same_bits(int? degrees, bool antithetic)
    {
        const int Paths = 1_030;
        var set = ScenarioSet.MonteCarlo(Panels.Real, Drivers, new MonteCarloOptions { Paths = Paths, Seed = Seed, DegreesOfFreedom = degrees, Antithetic = antithetic });
        var whole = set.Block(0, Paths);
        foreach (var size in new[] { 1, 7, 32, 64, 333, 1_030 })
        {
            for (var first = 0; first < Paths; first += size)
            {
                var count = Math.Min(size, Paths - first);
                Assert.Equal(BlockBits.Of(whole.Part(first, count)), BlockBits.Of(set.Block(first, count)));
            }
        }

        int[] tail = [1_029, 3, 4, 5, 999, 0, 1, 17];
        var gathered = set.Gather(tail);
        for (var k = 0; k < tail.Length; k++)
            Assert.Equal(BlockBits.Of(whole.Part(tail[k], 1)), BlockBits.Of(gathered.Part(k, 1)));
    }

    [Fact]
    public void Antithetic_pairs_cancel_exactly()
    {
        var set = ScenarioSet.MonteCarlo(Panels.Real, Drivers, new MonteCarloOptions { Paths = 1_000, Seed = Seed, Antithetic = true, DegreesOfFreedom = 4 });
        Assert.True(set.IsAntithetic);
        var block = set.Block(0, set.Count);
        for (var d = 0; d < Drivers.Length; d++)
        {
            for (var p = 0; p < set.Count; p += 2)
                Assert.Equal(0, block.Moves(d)[p] + block.Moves(d)[p + 1]);
        }
    }

    [Fact]
    public void A_factor_that_joins_changes_the_normals_of_none()
    {
        var options = new MonteCarloOptions { Paths = 100, Seed = Seed };
        var two = Of(MonteCarlo(BlockBits.Names("EQ.A", "EQ.C"), [4, 0, 0, 9], options));
        var three = Of(MonteCarlo(BlockBits.Names("EQ.A", "EQ.B", "EQ.C"), [4, 0, 0, 0, 1, 0, 0, 0, 9], options));
        Assert.Equal(two.Moves(0).ToArray(), three.Moves(0).ToArray());
        Assert.Equal(two.Moves(1).ToArray(), three.Moves(2).ToArray());
        Assert.NotEqual(two.Moves(0).ToArray(), Of(MonteCarlo(BlockBits.Names("EQ.A"), [4], options with { Seed = Seed + 1 })).Moves(0).ToArray());
    }

    [Fact]
    public void A_copy_moves_as_its_original_and_a_constant_not_at_all()
    {
        var random = new Random(7);
        var day = new LocalDate(2020, 1, 1);
        var rows = Enumerable.Range(0, 60).Select(i =>
        {
            var level = (100 * (1 + (0.1 * random.NextDouble()))).ToString("R", CultureInfo.InvariantCulture);
            return $"{day.PlusDays(i):uuuu-MM-dd},{level},5,{level},{0.01 * random.NextDouble():R}";
        });
        var panel = Panels.Of(["date,EQ.A,EQ.B,EQ.C,ZC.USD.1Y", .. rows]);
        var names = BlockBits.Names("EQ.A", "EQ.B", "EQ.C", "ZC.USD.1Y");
        var block = Of(ScenarioSet.MonteCarlo(panel, names, new MonteCarloOptions { Paths = 500, Seed = Seed }));
        for (var p = 0; p < block.Count; p++)
        {
            Assert.Equal(block.Moves(0)[p], block.Moves(2)[p], 1e-14);
            Assert.Equal(0, block.Moves(1)[p]);
        }

        Assert.Contains(block.Moves(3).ToArray(), m => Math.Abs(m) > 1e-3);
    }

    [Fact]
    public void More_factors_than_days_make_a_sound_set()
    {
        var drivers = Panels.Real.Factors.Where(f => f.Class is FactorClass.Equity or FactorClass.Zero or FactorClass.Fx).ToArray();
        var options = new MonteCarloOptions { Paths = 50_000, Seed = Seed, From = new LocalDate(2019, 3, 4), To = new LocalDate(2019, 3, 15) };
        var set = ScenarioSet.MonteCarlo(Panels.Real, drivers, options);
        Assert.True(set.Covariance.Observations < 15 && drivers.Length > 40);
        var block = Of(set);
        for (var d = 0; d < set.Drivers.Length; d++)
        {
            var sum = 0.0;
            foreach (var move in block.Moves(d))
                sum += move * move / block.Count;
            Assert.InRange(sum / set.Covariance[d, d], 0.95, 1.05);
        }
    }

    [Fact]
    public void What_is_no_covariance_is_refused_by_name()
    {
        var names = BlockBits.Names("EQ.A", "EQ.B", "EQ.C");
        void Refused(string message, params double[] values) => Assert.Contains(
            message, Assert.Throws<ValidationException>(() => CovarianceFactor.Of(FactorCovariance.From(names, values))).Message, StringComparison.Ordinal);
        Refused("EQ.C has a variance of", 1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1);
        Refused("EQ.B has a variance of", 1, 0, 0, 0, -1, 0, 0, 0, 1);
        Refused("EQ.A has no variance of its own but a covariance of 0.5 with EQ.C", 0, 0, 0.5, 0, 1, 0, 0.5, 0, 1);
        Refused("covariance of EQ.A and EQ.B is not a finite number", 1, double.NaN, 0, double.NaN, 1, 0, 0, 0, 1);
        Refused("differ", 1, 0.2, 0, 0.1, 1, 0, 0, 0, 1);
        Refused("need 9 values", 1, 0, 0, 1);
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_field()
    {
        void Refused(string field, MonteCarloOptions options) =>
            Assert.Equal(field, Assert.Throws<ValidationException>(() => ScenarioSet.MonteCarlo(Panels.Real, Drivers, options)).Field);
        Refused("paths", new() { Paths = 0, Seed = 1 });
        Refused("paths", new() { Paths = 10_000_001, Seed = 1 });
        Refused("paths", new() { Paths = 3, Seed = 1, Antithetic = true });
        Refused("degrees_of_freedom", new() { Paths = 3, Seed = 1, DegreesOfFreedom = 2 });
        Refused("horizon_days", new() { Paths = 3, Seed = 1, HorizonDays = 0 });
        Refused("decay", new() { Paths = 3, Seed = 1, Decay = -0.5 });
        Refused("drivers", new() { Paths = 3, Seed = 1, From = new LocalDate(2004, 9, 8), To = new LocalDate(2004, 9, 8) });
        Assert.Throws<ArgumentOutOfRangeException>(() => ScenarioSet.MonteCarlo(Panels.Real, Drivers, new() { Paths = 3, Seed = 1 }).Block(2, 2));
    }

    private static MonteCarloScenarioSet MonteCarlo(FactorName[] names, double[] covariance, MonteCarloOptions options) =>
        new("{}", FactorCovariance.From(names, covariance), options);

    private static ScenarioBlock Of(ScenarioSet set) => set.Block(0, set.Count);
}

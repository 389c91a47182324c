namespace RiskGrid.Kernels.Tests;

/// <summary>Philox against its published answers; its numbers against the distributions they promise, with fixed seeds.</summary>
public sealed class KeyedRandomTests
{
    private const ulong Seed = 20260130;
    private const int Many = 1 << 20;

    // kat_vectors of Random123, philox4x32 with 10 rounds: counter, key (low word first), answer.
    [Theory]
    [InlineData(new[] { 0u, 0u, 0u, 0u }, 0UL, new[] { 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u })]
    [InlineData(new[] { ~0u, ~0u, ~0u, ~0u }, ~0UL, new[] { 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu })]
    [InlineData(new[] { 0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u }, 0x299f31d0a4093822UL,
        new[] { 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u })]
    public void Philox_gives_its_published_answers(uint[] counter, ulong key, uint[] answer)
    {
        var words = new uint[4];
        KeyedRandom.Philox(counter, key, words);
        Assert.Equal(answer, words);
    }

    [Fact]
    public void A_uniform_is_made_of_the_words_of_its_block()
    {
        // Path 37 is the sixth of the second group of 32: block 16 + 5, first half. Path 37 + 16 is the same block's second half.
        var (words, uniform) = (new uint[4], new double[17]);
        KeyedRandom.Philox([21, 0, 0x89ABCDEF, 0x01234567], Seed, words);
        KeyedRandom.Uniforms(Seed, 0x0123456789ABCDEF, 37, uniform);
        Assert.Equal(Of(words[0], words[1]), uniform[0]);
        Assert.Equal(Of(words[2], words[3]), uniform[16]);

        static double Of(uint high, uint low) => ((((ulong)high << 32 | low) >> 12) + 0.5) * double.ScaleB(1, -52);
    }

    [Fact]
    public void A_path_has_the_same_number_whatever_range_it_is_drawn_in()
    {
        var whole = new double[500];
        foreach (var first in new[] { 0L, 5, (1L << 33) - 90, (1L << 50) + 3, long.MaxValue - 500 })
        {
            KeyedRandom.Normals(Seed, 3, first, whole);
            for (var start = 0; start < whole.Length; start += 37)
                for (var length = 0; start + length <= whole.Length && length < 70; length += 9)
                {
                    var part = new double[length];
                    KeyedRandom.Normals(Seed, 3, first + start, part);
                    Assert.Equal(whole[start..(start + length)], part);
                }
        }
    }

    [Fact]
    public void Another_seed_factor_or_block_gives_other_numbers()
    {
        var seen = new HashSet<double>();
        var row = new double[64];
        foreach (var (seed, factor, first) in new (ulong, ulong, long)[]
        {
            (1, 1, 0), (2, 1, 0), (1UL << 32, 1, 0), (1, 2, 0), (1, 1UL << 32, 0), (1, 1, 64), (1, 1, 1L << 33),
        })
        {
            KeyedRandom.Uniforms(seed, factor, first, row);
            foreach (var value in row) Assert.True(seen.Add(value), $"({seed}, {factor}, {first}) repeats {value}");
        }
    }

    [Fact]
    public void Uniforms_fill_the_unit_interval_evenly()
    {
        var draws = Sorted((seed, to) => KeyedRandom.Uniforms(seed, 7, 0, to));
        Assert.True(draws[0] > 0 && draws[^1] < 1, "zero and one are never drawn");
        Assert.InRange(KolmogorovSmirnov(draws, x => x), 0, 1.63);
        Near.Require(0.5, draws.Average(), 4 * Math.Sqrt(1.0 / 12 / Many), "the mean");
    }

    [Fact]
    public void Normals_pass_the_Kolmogorov_Smirnov_test() =>
        // 1.63: a true normal sample is above it once in a hundred seeds.
        Assert.InRange(KolmogorovSmirnov(Sorted((seed, to) => KeyedRandom.Normals(seed, 7, 0, to)), Elementary.NormalCdf), 0, 1.63);

    [Fact]
    public void Normals_have_the_moments_of_the_normal_distribution()
    {
        var z = Sorted((seed, to) => KeyedRandom.Normals(seed, 11, 1 << 20, to));
        // Four standard errors of each moment's mean: var z^k / n.
        Near.Require(0, z.Average(), 4 * Math.Sqrt(1.0 / Many), "mean");
        Near.Require(1, z.Average(x => x * x), 4 * Math.Sqrt(2.0 / Many), "variance");
        Near.Require(0, z.Average(x => x * x * x), 4 * Math.Sqrt(15.0 / Many), "skew");
        Near.Require(3, z.Average(x => x * x * x * x), 4 * Math.Sqrt(96.0 / Many), "kurtosis");
        Near.Require(15, z.Average(x => Math.Pow(x, 6)), 4 * Math.Sqrt(10170.0 / Many), "sixth moment");
    }

    [Theory]
    [InlineData(2.0)]
    [InlineData(3.0)]
    [InlineData(4.0)]
    [InlineData(4.5)]
    public void The_tails_hold_as_many_normals_as_they_should(double deviations)
    {
        var z = Sorted((seed, to) => KeyedRandom.Normals(seed, 13, 0, to));
        var expected = Many * Elementary.NormalCdf(-deviations);
        Near.Require(expected, z.Count(x => x > deviations), 4 * Math.Sqrt(expected), "the upper tail");
        Near.Require(expected, z.Count(x => x < -deviations), 4 * Math.Sqrt(expected), "the lower tail");
    }

    [Fact]
    public void Neighbours_along_paths_and_across_factors_are_uncorrelated()
    {
        var (one, two) = (new double[Many], new double[Many]);
        KeyedRandom.Normals(Seed, 1, 0, one);
        KeyedRandom.Normals(Seed, 2, 0, two);
        var bound = 4 / Math.Sqrt(Many);
        Near.Require(0, one.Zip(two, (a, b) => a * b).Average(), bound, "factors 1 and 2");
        foreach (var lag in new[] { 1, 2, 15, 16, 17, 32, 1024 })
        {
            Near.Require(0, one.Skip(lag).Zip(one, (a, b) => a * b).Average(), bound, $"paths {lag} apart");
            Near.Require(1, one.Skip(lag).Zip(one, (a, b) => a * a * b * b).Average(), 4 * Math.Sqrt(8.0 / Many), $"squares {lag} apart");
        }
    }

    [Fact]
    public void Correlated_normals_have_their_covariance()
    {
        const int Paths = Many / 4;
        double[] lower = [2, double.NaN, double.NaN, 0.6, 0.8, double.NaN, -0.3, 0.5, 1.1];
        var (normals, correlated) = (new double[3 * Paths], new double[3 * Paths]);
        for (var f = 0; f < 3; f++) KeyedRandom.Normals(Seed, (ulong)f, 0, normals.AsSpan(f * Paths, Paths));
        KeyedRandom.Correlate(3, lower, normals, correlated);
        for (var i = 0; i < 3; i++)
            for (var j = 0; j <= i; j++)
            {
                var expected = Enumerable.Range(0, j + 1).Sum(k => lower[(3 * i) + k] * lower[(3 * j) + k]);
                var actual = Enumerable.Range(0, Paths).Average(p => correlated[(i * Paths) + p] * correlated[(j * Paths) + p]);
                Near.Require(expected, actual, 4 * 6 / Math.Sqrt(Paths), $"covariance of {i} and {j}");
            }
    }

    [Fact]
    public void A_correlated_path_does_not_depend_on_how_many_there_are()
    {
        double[] lower = [1, 0, 0.5, 0.7];
        var normals = new double[2 * 43];
        KeyedRandom.Normals(Seed, 1, 0, normals);
        var whole = new double[normals.Length];
        KeyedRandom.Correlate(2, lower, normals, whole);
        for (var count = 1; count < 43; count++)
        {
            double[] part = [.. normals[..count], .. normals[43..(43 + count)]];
            var output = new double[part.Length];
            KeyedRandom.Correlate(2, lower, part, output);
            Assert.Equal([.. whole[..count], .. whole[43..(43 + count)]], output);
        }
    }

    [Fact]
    public void What_cannot_be_drawn_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyedRandom.Normals(Seed, 0, -1, new double[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyedRandom.Uniforms(Seed, 0, long.MaxValue, new double[1]));
        var square = new double[4];
        Assert.Equal("lowerFactor", Assert.Throws<ArgumentException>(() => KeyedRandom.Correlate(2, new double[3], square, square)).ParamName);
        Assert.Equal("normals", Assert.Throws<ArgumentException>(() => KeyedRandom.Correlate(2, new double[4], new double[3], square)).ParamName);
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => KeyedRandom.Correlate(2, new double[4], square, square)).ParamName);
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => KeyedRandom.Correlate(2, new double[4], square, new double[2])).ParamName);
        KeyedRandom.Correlate(0, [], [], []);
        KeyedRandom.Normals(Seed, 0, 5, []);
    }

    [Fact]
    public void Drawing_allocates_nothing()
    {
        var (z, lower) = (new double[99], new double[] { 1, 0, 0, 0.5, 1, 0, 0, 0.5, 1 });
        var output = new double[99];
        Work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Work()
        {
            KeyedRandom.Uniforms(Seed, 1, 7, z);
            KeyedRandom.Normals(Seed, 1, 7, z);
            KeyedRandom.Correlate(3, lower, z, output);
        }
    }

    private delegate void Drawing(ulong seed, Span<double> to);

    private static double[] Sorted(Drawing draw)
    {
        var values = new double[Many];
        draw(Seed, values);
        Array.Sort(values);
        return values;
    }

    /// <summary>√n times the largest distance between the sample's distribution and <paramref name="cdf"/>.</summary>
    private static double KolmogorovSmirnov(double[] sorted, Func<double, double> cdf)
    {
        var worst = 0.0;
        for (var i = 0; i < sorted.Length; i++)
        {
            var p = cdf(sorted[i]);
            worst = Math.Max(worst, Math.Max(p - ((double)i / sorted.Length), ((i + 1.0) / sorted.Length) - p));
        }

        return worst * Math.Sqrt(sorted.Length);
    }
}

namespace RiskGrid.Kernels.Tests;

/// <summary>Exact and special values of the elementary functions, and what ties them together.</summary>
public sealed class ElementaryTests
{
    [Fact]
    public void Special_values_are_exact()
    {
        Assert.Equal(1.0, Elementary.Exp(0));
        Assert.Equal(0.0, Elementary.Exp(double.NegativeInfinity));
        Assert.Equal(0.0, Elementary.Exp(-746));
        Assert.Equal(double.PositiveInfinity, Elementary.Exp(double.PositiveInfinity));
        Assert.Equal(double.PositiveInfinity, Elementary.Exp(709.79));
        Assert.Equal(double.Epsilon, Elementary.Exp(-744.9));
        Near.SameBits(0.0, Elementary.Log(1), "log 1");
        Assert.Equal(double.NegativeInfinity, Elementary.Log(0));
        Assert.Equal(double.PositiveInfinity, Elementary.Log(double.PositiveInfinity));
        Assert.Equal(-744.4400719213812, Elementary.Log(double.Epsilon));
        Assert.Equal(0.5, Elementary.NormalCdf(0));
        Assert.Equal(0.0, Elementary.NormalCdf(double.NegativeInfinity));
        Assert.Equal(1.0, Elementary.NormalCdf(double.PositiveInfinity));
        Assert.Equal(0.0, Elementary.InverseNormalCdf(0.5));
        Assert.Equal(double.NegativeInfinity, Elementary.InverseNormalCdf(0));
        Assert.Equal(double.PositiveInfinity, Elementary.InverseNormalCdf(1));
    }

    [Fact]
    public void Outside_the_domain_and_for_NaN_the_answer_is_the_canonical_NaN()
    {
        var noise = BitConverter.Int64BitsToDouble(0x7FF4_0000_1234_5678);
        foreach (var value in new[]
        {
            Elementary.Exp(noise), Elementary.Log(noise), Elementary.Log(-1), Elementary.NormalCdf(noise), Elementary.NormalPdf(noise),
            Elementary.InverseNormalCdf(noise), Elementary.InverseNormalCdf(-0.1), Elementary.InverseNormalCdf(1.1),
            Elementary.Pow(noise, 2), Elementary.Pow(2, noise), Elementary.Pow(-2, 0.5),
        })
            Near.SameBits(double.NaN, value, "NaN has one set of bits");
    }

    [Theory]
    [InlineData(2.0, 10.0, 1024.0)]
    [InlineData(-2.0, 3.0, -8.0)]
    [InlineData(-2.0, -2.0, 0.25)]
    [InlineData(0.0, 3.0, 0.0)]
    [InlineData(0.0, -3.0, double.PositiveInfinity)]
    [InlineData(-0.0, -3.0, double.NegativeInfinity)]
    [InlineData(5.0, 0.0, 1.0)]
    [InlineData(double.NaN, 0.0, 1.0)]
    [InlineData(1.0, double.NaN, 1.0)]
    [InlineData(0.5, double.PositiveInfinity, 0.0)]
    [InlineData(0.5, double.NegativeInfinity, double.PositiveInfinity)]
    [InlineData(-1.0, double.PositiveInfinity, 1.0)]
    [InlineData(double.NegativeInfinity, 3.0, double.NegativeInfinity)]
    [InlineData(10.0, 400.0, double.PositiveInfinity)]
    [InlineData(10.0, -400.0, 0.0)]
    public void Powers_follow_the_special_cases_of_IEEE_754(double x, double exponent, double expected) =>
        Assert.Equal(expected, Elementary.Pow(x, exponent));

    [Fact]
    public void Spans_and_single_values_give_the_same_bits() =>
        Draw.ForAll(51, 50, d => Enumerable.Range(0, 1 + (int)d.Uniform(0, 40)).Select(_ => d.Uniform(-50, 50)).ToArray(), x =>
        {
            var exp = new double[x.Length];
            var log = new double[x.Length];
            Elementary.Exp(x, exp);
            Elementary.Log(x, log);
            for (var i = 0; i < x.Length; i++)
            {
                Near.SameBits(Elementary.Exp(x[i]), exp[i], "exp");
                Near.SameBits(Elementary.Log(x[i]), log[i], "log");
            }
        });

    [Fact]
    public void Inverses_undo_each_other() =>
        Draw.ForAll(52, 5000, d => (X: d.Uniform(-700, 700), Z: d.Uniform(-37, 5)), v =>
        {
            Near.Require(v.X, Elementary.Log(Elementary.Exp(v.X)), 3e-16 * (1 + Math.Abs(v.X)), "log exp");
            var p = Elementary.NormalCdf(v.Z);
            var carried = v.Z > 0 ? 1.2e-16 / Elementary.NormalPdf(v.Z) : 0;
            Near.Require(v.Z, Elementary.InverseNormalCdf(p), (4e-15 * Math.Max(1, Math.Abs(v.Z))) + (2 * carried), "the quantile of Phi");
        });

    [Fact]
    public void The_exponential_and_the_normal_distribution_do_not_decrease() =>
        Draw.ForAll(53, 5000, d => (X: d.Uniform(-40, 10), Step: d.LogUniform(1e-12, 1)), v =>
        {
            Assert.True(Elementary.Exp(v.X + v.Step) >= Elementary.Exp(v.X), "exp");
            Assert.True(Elementary.NormalCdf(v.X + v.Step) >= Elementary.NormalCdf(v.X) * (1 - 1e-15), "Phi, within its error");
        });
}

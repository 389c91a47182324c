using System.Globalization;

namespace RiskGrid.Kernels.Tests;

/// <summary>What comes of edge inputs, as docs/kernels.md shows it.</summary>
internal static class EdgeTable
{
    private static readonly ForwardOption Call = new(OptionSide.Call, 100, 95, 0.5, 0.2, 0.97);

    public static IEnumerable<string> Lines()
    {
        yield return "| input | Black-76 price | vega | Bachelier price, σ of 20 |";
        yield return "| --- | --- | --- | --- |";
        foreach (var (name, option) in new (string, ForwardOption)[]
        {
            ("call, F 100, K 95, t 0.5, σ 0.2, D 0.97", Call), ("expiry today (t = 0)", Call with { Time = 0 }),
            ("t = 1e-300", Call with { Time = 1e-300 }), ("σ = 0", Call with { Volatility = 0 }),
            ("σ = 1e-60", Call with { Volatility = 1e-60 }), ("σ = 1e4", Call with { Volatility = 1e4 }),
            ("t = 1e9", Call with { Time = 1e9 }), ("K = 1e300", Call with { Strike = 1e300 }),
            ("K = 1e-300", Call with { Strike = 1e-300 }), ("D = 1.02 (negative rate)", Call with { Discount = 1.02 }),
            ("F = 0", Call with { Forward = 0 }), ("F = −36.98", Call with { Forward = -36.98 }), ("K = 0", Call with { Strike = 0 }),
            ("D = 0", Call with { Discount = 0 }), ("t = −0.1", Call with { Time = -0.1 }), ("σ = −0.2", Call with { Volatility = -0.2 }),
            ("F = NaN", Call with { Forward = double.NaN }), ("K = ∞", Call with { Strike = double.PositiveInfinity }),
            ("D = 1e300, F = 1e300", Call with { Forward = 1e300, Discount = 1e300 }), ("side = 0", Call with { Side = (OptionSide)0 }),
        })
        {
            var (status, priced) = (option.TryPrice(out var price), option.TryGreeks(out var greeks));
            var normal = option with { Volatility = option.Volatility * 100 };
            Span<double> value = stackalloc double[1];
            Span<ElementStatus> normalStatus = stackalloc ElementStatus[1];
            Bachelier.Price(normal.Batch(), value, normalStatus);
            yield return $"| {name} | {Show(status, price)} | {Show(priced, greeks.Vega)} | {Show(normalStatus[0], value[0])} |";
        }

        yield return "";
        yield return "| price, of the same call | implied volatility |";
        yield return "| --- | --- |";
        foreach (var (name, option, price) in new (string, ForwardOption, double)[]
        {
            ("its own, 8.1025848", Call, Call.Price()), ("the discounted intrinsic value, 4.85", Call, 4.85), ("4.8499, below it", Call, 4.8499),
            ("the discounted forward, 97", Call, 97), ("96.999999", Call, 96.999999), ("0, strike 105", Call with { Strike = 105 }, 0),
            ("5e-324, strike 105", Call with { Strike = 105 }, double.Epsilon), ("1e-200, strike 105", Call with { Strike = 105 }, 1e-200),
            ("−1", Call, -1), ("NaN", Call, double.NaN), ("8.1025848 with t = 0", Call with { Time = 0 }, 8.1025848),
            ("8.1025848 with F = 0", Call with { Forward = 0 }, 8.1025848),
        })
        {
            yield return $"| {name} | {Show(option.TryImply(price, out var volatility), volatility)} |";
        }
    }

    private static string Show(ElementStatus status, double value) => status == ElementStatus.Ok
        ? value.ToString("G8", CultureInfo.InvariantCulture) : $"refused: `{status}`";
}

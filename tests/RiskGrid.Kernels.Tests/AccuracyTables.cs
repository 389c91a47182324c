using System.Globalization;

namespace RiskGrid.Kernels.Tests;

/// <summary>A promise of accuracy and the largest error measured; both in the unit that the name tells.</summary>
internal sealed record AccuracyRow(string Quantity, double Promised, double Measured);

/// <summary>The tables of docs/kernels.md, measured against Reference/. Run the tests' program with <c>tables</c> to write them anew.</summary>
internal static class AccuracyTables
{
    private const double Epsilon = 2.220446049250313e-16;
    private const double Denormal = 1e-290;

    public static string Document { get; } = Path.Combine(Repository.Root, "docs/kernels.md");

    /// <summary>The document with each marked section generated.</summary>
    public static string Write(string document)
    {
        document = Replace(document, "grid", [
            "| on the grid | promised | measured |", "| --- | --- | --- |",
            .. Grid().Select(r => $"| {r.Quantity} | {Show(r.Promised)} | {Show(r.Measured)} |"),
        ]);
        document = Replace(document, "beyond", [
            "| beyond the grid | promised | measured |", "| --- | --- | --- |",
            .. Beyond().Select(r => $"| {r.Quantity} | {Show(r.Promised)} | {Show(r.Measured)} |"),
        ]);
        return Replace(document, "edges", EdgeTable.Lines());
    }

    public static IEnumerable<AccuracyRow> Grid()
    {
        var table = new ReferenceTable("european.csv");
        Func<int, GreekValues> european = Cached(table, i => new SpotOption(table.Side(i), table.Number(i, "spot"),
            table.Number(i, "strike"), table.Number(i, "time"), table.Number(i, "volatility"), table.Number(i, "rate"),
            table.Number(i, "yield")).Greeks());
        yield return new("Black-Scholes price, of max(spot, discounted strike)", 1e-15,
            Worst(table, i => Math.Abs(european(i).Price - table.Number(i, "price")) / table.Number(i, "priceScale")));
        foreach (var (name, greek, scale) in new (string, Func<GreekValues, double>, string?)[]
        {
            ("delta", g => g.Delta, null), ("gamma", g => g.Gamma, null), ("vega", g => g.Vega, null), ("rho", g => g.Rho, null),
            ("theta", g => g.Theta, "thetaScale"), ("vanna", g => g.Vanna, "vannaScale"), ("volga", g => g.Volga, "volgaScale"),
        })
        {
            yield return new(scale is null ? $"{name}, relative" : $"{name}, relative, or of 1 % of its terms' absolute sum", 1e-11,
                Worst(table, i =>
                {
                    var expected = table.Number(i, name);
                    var size = Math.Max(Math.Abs(expected), scale is null ? 0 : table.Number(i, scale) / 100);
                    return Math.Max(0, Math.Abs(greek(european(i)) - expected) - Denormal) / size;
                }));
        }

        var implied = new ReferenceTable("implied.csv");
        foreach (var side in new[] { "otm", "itm" })
        {
            var inTheMoney = side == "itm";
            yield return new(
                inTheMoney ? "implied volatility in the money, of max(1e-12, 4 ε price/(σ vega))" : "implied volatility out of the money, relative",
                inTheMoney ? 1 : 1e-12,
                Worst(implied, i => implied.Text(i, "moneyness") == side ? ImpliedError(implied, i, inTheMoney) : 0));
        }

        var normal = new ReferenceTable("bachelier.csv");
        yield return new("Bachelier price, of discount × (abs(F − K) + σ√t)", 1e-15, Worst(normal, i =>
        {
            var option = new ForwardOption(normal.Side(i), normal.Number(i, "forward"), normal.Number(i, "strike"),
                normal.Number(i, "time"), normal.Number(i, "volatility"), normal.Number(i, "discount"));
            Span<double> price = stackalloc double[1];
            Bachelier.Price(option.Batch(), price, new ElementStatus[1]);
            return Math.Abs(price[0] - normal.Number(i, "price")) / normal.Number(i, "priceScale");
        }));
        yield return new("scenario value in single precision against double, of discount × min(F, K)", ScenarioKernel.FloatError,
            SingleError(new Draw(91), 1000, 100));

        var functions = new ReferenceTable("elementary.csv");
        foreach (var (name, title, promised, f) in new (string, string, double, Func<double, double, double>)[]
        {
            ("exp", "exp, relative", 2.5e-16, (x, _) => Elementary.Exp(x)), ("log", "log, relative", 2.5e-16, (x, _) => Elementary.Log(x)),
            ("cdf", "normal distribution, relative", 1e-15, (x, _) => Elementary.NormalCdf(x)),
            ("pdf", "normal density, relative", 1e-15, (x, _) => Elementary.NormalPdf(x)),
            ("inverse", "normal quantile, relative", 1e-15, (x, _) => Elementary.InverseNormalCdf(x)),
            ("pow", "power, relative", 1e-15, Elementary.Pow),
        })
        {
            yield return new(title, promised, Worst(functions, i => functions.Text(i, "function") == name
                ? Math.Abs((f(functions.Number(i, "x"), functions.Number(i, "y")) / functions.Number(i, "value")) - 1) : 0));
        }
    }

    public static IEnumerable<AccuracyRow> Beyond()
    {
        var table = new ReferenceTable("beyond.csv");
        foreach (var region in Enumerable.Range(0, table.Count).Select(i => table.Text(i, "region")).Distinct())
        {
            ForwardOption Option(int i) => new(table.Side(i), table.Number(i, "forward"), table.Number(i, "strike"),
                table.Number(i, "time"), table.Number(i, "volatility"), 1);
            bool OutOfTheMoney(int i) => (int)table.Side(i) * (table.Number(i, "forward") - table.Number(i, "strike")) <= 0;
            double In(int i, bool counts, Func<double> error) => counts && table.Text(i, "region") == region ? error() : 0;

            yield return new($"{region}: price, of max(F, K)", 1e-15, Worst(table, i => In(i, true, () =>
                Math.Abs(Option(i).Price() - table.Number(i, "price")) / Math.Max(table.Number(i, "forward"), table.Number(i, "strike")))));
            // Denormals have no relative error to speak of, and the kernels take them as zero from 37.5 deviations on.
            if (region == "denormal prices") continue;
            var (price, vega, implied) = Promised(region);
            yield return new($"{region}: price out of the money, relative", price, Worst(table, i => In(i, OutOfTheMoney(i), () =>
                RelativeError(Option(i).Price(), table.Number(i, "price")))));
            yield return new($"{region}: vega, relative", vega, Worst(table, i => In(i, true, () =>
                RelativeError(Option(i).Greeks().Vega, table.Number(i, "vega")))));
            yield return new($"{region}: implied volatility, of max(1e-12, 4 ε price/(σ vega))", implied, Worst(table, i => In(
                i, 4 * Epsilon * table.Number(i, "priceOverVolVega") < 0.01, () => BeyondImplied(Option(i), table, i))));
        }
    }

    // A small total volatility s is the difference of two Mills ratios that agree to s, at ε/s; d1 and d2 are clamped at 37.5, which
    // only moneyness beyond 1e100 or so brings about while the option has a value.
    private static (double Price, double Vega, double Implied) Promised(string region) => region switch
    {
        "deepest wings" => (1, 1, 1000),
        "last minutes" => (1e-9, 1e-11, 1),
        "tiny volatility" => (1e-8, 1e-8, 1),
        _ => (1e-11, 1e-11, 1),
    };

    private static double BeyondImplied(ForwardOption option, ReferenceTable table, int i)
    {
        if (option.TryImply(table.Number(i, "price"), out var volatility) != ElementStatus.Ok) return double.PositiveInfinity;
        var unit = Math.Max(1e-12, 4 * Epsilon * table.Number(i, "priceOverVolVega"));
        return Math.Abs((volatility / option.Volatility) - 1) / unit;
    }

    private static double ImpliedError(ReferenceTable table, int i, bool inTheMoney)
    {
        var option = new ForwardOption(table.Side(i), table.Number(i, "forward"), table.Number(i, "strike"), table.Number(i, "time"), 0,
            table.Number(i, "discount"));
        if (option.TryImply(table.Number(i, "price"), out var volatility) != ElementStatus.Ok) return double.PositiveInfinity;
        var error = Math.Abs((volatility / table.Number(i, "volatility")) - 1);
        return inTheMoney ? error / Math.Max(1e-12, 4 * Epsilon * table.Number(i, "priceOverVolVega")) : error;
    }

    private static double SingleError(Draw draw, int options, int scenarios)
    {
        double worst = 0;
        for (var i = 0; i < options; i++)
        {
            var option = draw.Forward();
            var forward = Enumerable.Range(0, scenarios).Select(_ => option.Strike * draw.LogUniform(0.5, 2)).ToArray();
            var ones = Enumerable.Repeat(1.0, scenarios).ToArray();
            var trades = new ScenarioTrades
            {
                Side = new[] { option.Side }, Strike = new[] { option.Strike }, Volatility = new[] { option.Volatility },
                RootTime = new[] { Math.Sqrt(option.Time) }, Weight = new[] { 1.0 }, BaseValue = new[] { 0.0 }, Slice = new[] { 0 },
            };
            var market = new ScenarioMarket { Slices = 1, Count = scenarios, Forward = forward, Discount = ones, VolatilityMultiplier = ones };
            var (expected, single) = (new double[scenarios], new double[scenarios]);
            ScenarioKernel.AccumulatePnl(trades, market, expected);
            ScenarioKernel.AccumulatePnlFloat(trades, market, single);
            for (var s = 0; s < scenarios; s++)
                worst = Math.Max(worst, Math.Abs(expected[s] - single[s]) / Math.Min(forward[s], option.Strike));
        }

        return worst;
    }

    private static double RelativeError(double ours, double expected) =>
        Math.Max(0, Math.Abs(ours - expected) - Denormal) / Math.Abs(expected);

    private static double Worst(ReferenceTable table, Func<int, double> error) => Enumerable.Range(0, table.Count).Max(error);

    private static Func<int, T> Cached<T>(ReferenceTable table, Func<int, T> compute)
    {
        var values = Enumerable.Range(0, table.Count).Select(compute).ToArray();
        return i => values[i];
    }

    private static string Show(double value) => value == 1 ? "1" : value.ToString("0.0E+0", CultureInfo.InvariantCulture);

    private static string Replace(string document, string section, IEnumerable<string> lines)
    {
        var (begin, end) = ($"<!-- {section}: generated -->\n", $"<!-- {section}: end -->");
        var start = document.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var stop = document.IndexOf(end, StringComparison.Ordinal);
        if (start < begin.Length || stop < start) throw new InvalidOperationException($"{Document} lacks the markers of '{section}'");
        return $"{document[..start]}{string.Join('\n', lines)}\n{document[stop..]}";
    }
}

using System.Globalization;
using System.Xml.Linq;
using RiskGrid.Cli.Plots;

namespace RiskGrid.Tests;

/// <summary>Pictures are well formed, and no text of theirs lies on another or outside.</summary>
public sealed class PlotTests
{
    private const string LongName = "A desk with a name that goes on and on & on, far beyond what any picture has room for";

    public static TheoryData<string> Pictures => ["histogram", "one value", "weighted", "bars", "heat map", "tiny", "huge"];

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Texts_keep_apart_and_inside(string picture)
    {
        var svg = XDocument.Parse(Draw(picture).ToString()).Root!;
        var (width, height) = (Number(svg, "width"), Number(svg, "height"));
        var boxes = svg.Elements().Where(e => e.Name.LocalName == "text").Select(Box).ToList();
        Assert.NotEmpty(boxes);
        foreach (var box in boxes)
            Assert.True(box.Left >= 0 && box.Top >= 0 && box.Right <= width && box.Bottom <= height, $"'{box.Text}' goes beyond the picture: {box}");
        for (var i = 0; i < boxes.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (boxes[i], boxes[j]);
                Assert.False(a.Left < b.Right && b.Left < a.Right && a.Top < b.Bottom && b.Top < a.Bottom, $"'{a.Text}' lies on '{b.Text}'");
            }
        }
    }

    [Fact]
    public void Ticks_are_round_and_labels_short()
    {
        var scale = new PlotScale(-2_900_000, 1_100_000, 0, 800, 8);
        Assert.Equal(["-2.5M", "-2.0M", "-1.5M", "-1.0M", "-0.5M", "0", "0.5M", "1.0M"], scale.Ticks.Select(scale.Label));
        Assert.Equal((0, 800), (scale.At(-2_900_000), scale.At(1_100_000)));
        Assert.Equal(["12.34k", "-1.057M", "0.1235", "0"], new[] { 12_340, -1_057_059, 0.12351, 0 }.Select(PlotScale.Number));
    }

    private static SvgCanvas Draw(string picture)
    {
        double[] pnl = [.. Enumerable.Range(0, 500).Select(i => Math.Sin(i) * 1e6 * i)];
        LossMark[] marks = [new("VaR 95 %", 4e8, false), new("ES 95 %", 4.4e8, true), new("VaR 99 %", 4.8e8, false), new("ES 99 %", 4.9e8, true)];
        return picture switch
        {
            "histogram" => DistributionPlot.Draw("P&L <of> the firm", "USD", [new Distribution(LongName, pnl, [], marks), new Distribution("second", pnl, [], marks)]),
            "one value" => DistributionPlot.Draw("Nothing moves", "USD", [new Distribution("flat", [5, 5, 5], [], [new LossMark("VaR 99 %", -5, false)])]),
            "weighted" => DistributionPlot.Draw(LongName + LongName, "USD", [new Distribution("w", pnl, [.. pnl.Select((_, i) => 1.0 + i)], [])]),
            "tiny" => DistributionPlot.Draw("Tiny", "USD", [new Distribution("t", [.. pnl.Select(p => p * 1e-17)], [], [])]),
            "huge" => DistributionPlot.Draw("Huge", "USD", [new Distribution("h", [.. pnl.Select(p => p * 1e12)], [], [])]),
            "bars" => ContributionPlot.Draw("Component VaR", "USD", [(LongName, 1.234e6), ("small", 3), ("hedge", -2.2e6), ("total", -0.97e6)]),
            _ => HeatMapPlot.Draw("Spot × vol", "spot shock", ["-20 %", "-10 %", "0 %", "10 %"], "volatility shock", ["-5 points", "0 points", LongName], [.. Enumerable.Range(-6, 12).Select(i => i * 12_345_678.9)]),
        };
    }

    private static TextBox Box(XElement text)
    {
        var (x, y, size) = (Number(text, "x"), Number(text, "y"), Number(text, "font-size"));

        // What a sans-serif face takes on average; digits are a little wider than this, long words narrower.
        var width = text.Value.Length * size * 0.58;
        var start = text.Attribute("text-anchor")!.Value switch { "start" => 0, "middle" => -width / 2, _ => -width };
        return text.Attribute("transform") is null
            ? new TextBox(text.Value, x + start, y - (0.75 * size), x + start + width, y + (0.2 * size))
            : new TextBox(text.Value, x - (0.75 * size), y - start - width, x + (0.2 * size), y - start);
    }

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    private sealed record TextBox(string Text, double Left, double Top, double Right, double Bottom);
}

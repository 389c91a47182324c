using System.Globalization;
using System.Xml.Linq;
using RiskGrid.Cli.Plots;

namespace RiskGrid.Tests.Plots;

/// <summary>Plots are sound SVG, and what they draw is as long and as coloured as the numbers say.</summary>
public sealed class PlotTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_file_is_one_sound_document_that_needs_nothing_from_elsewhere()
    {
        var text = PlotFile.Text("A & B <VaR>", "\"quoted\"", [BarsPlot.Create("h", "USD", [("<a&b>", 1)], positiveIsLoss: true)]);
        var document = XDocument.Parse(text);
        Assert.Equal(Svg + "svg", document.Root!.Name);
        Assert.Contains("A & B <VaR>", document.Descendants(Svg + "text").Select(t => t.Value));
        Assert.Contains("<a&b>", document.Descendants(Svg + "text").Select(t => t.Value));
        Assert.DoesNotContain("href", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_XML_document_may_hold_is_replaced()
    {
        var document = XDocument.Parse(PlotFile.Text("a\u001bb", "half \ud83d", [BarsPlot.Create("h", "USD", [("\0\u0001 \uffff \ud83d\ude00", 1)], positiveIsLoss: true)]));
        string[] words = [.. document.Descendants(Svg + "text").Select(t => t.Value)];
        Assert.Contains("a\ufffdb", words);
        Assert.Contains("half \ufffd", words);
        Assert.Contains("\ufffd\ufffd \ufffd \ud83d\ude00", words);
    }

    [Theory]
    [InlineData(1e308, -1e308)]
    [InlineData(0, double.Epsilon)]
    [InlineData(1e300, 1e300 + 1e284)]
    [InlineData(-7, -7)]
    public void Numbers_at_the_ends_of_a_double_are_drawn_too(double first, double second)
    {
        var panel = HistogramPlot.Create("P&L", "USD", [first, second], [new PlotMark("VaR 99 %", second)]);
        Assert.Equal(2, Boxes(panel).Sum(b => int.Parse(b.Hint.Split(' ')[0], CultureInfo.InvariantCulture)));
        Assert.All(Words(panel), w => Assert.True(w.Length < 60, w));
        Assert.DoesNotContain("NaN", panel.Shapes, StringComparison.Ordinal);
        Assert.All(Elements(panel, "line"), l => Assert.InRange((double)l.Attribute("x1")!, 0, PlotLook.Width));
    }

    [Fact]
    public void Few_scenarios_are_counted_in_whole_numbers()
    {
        var upwards = Elements(HistogramPlot.Create("P&L", "USD", [1, 2, 2, 9], []), "text").Where(t => t.Attribute("text-anchor")!.Value == "end").Select(t => t.Value);
        Assert.Equal(["0", "1", "2"], upwards);
    }

    [Fact]
    public void A_bar_is_as_long_as_its_amount_and_loss_and_gain_stand_on_two_sides()
    {
        var bars = Boxes(BarsPlot.Create("parts", "USD", [("big", 300), ("small", 100), ("hedge", -200)], positiveIsLoss: true));
        Assert.Equal([300, 100, 200], bars.Select(b => b.Width / bars[1].Width * 100).Select(w => Math.Round(w)));
        Assert.Equal(bars[0].X, bars[1].X);
        Assert.Equal(bars[0].X, bars[2].X + bars[2].Width, 0.02);
        Assert.Equal([PlotLook.Loss, PlotLook.Loss, PlotLook.Gain], bars.Select(b => b.Fill));
    }

    [Fact]
    public void A_histogram_has_every_scenario_once_and_colours_the_tail_beyond_the_mark()
    {
        var pnl = Enumerable.Range(-500, 1_001).Select(i => (double)i).ToList();
        var panel = HistogramPlot.Create("P&L", "USD", pnl, [new PlotMark("VaR 99 %", -490), new PlotMark("ES 99 %", -495)]);
        var bars = Boxes(panel);
        Assert.Equal(pnl.Count, bars.Sum(b => int.Parse(b.Hint.Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture)));
        Assert.Equal(bars.OrderBy(b => b.X).Select(b => b.Fill == PlotLook.Loss).TakeWhile(tail => tail).Count(), bars.Count(b => b.Fill == PlotLook.Loss));
        Assert.InRange(bars.Count(b => b.Fill == PlotLook.Loss), 1, 3);
        Assert.Contains(Words(panel), w => w == "VaR 99 %: 490.00");
    }

    [Fact]
    public void No_marks_line_runs_through_anothers_words()
    {
        double[] losses = [608, 906, 1_057, 1_644];
        var panel = HistogramPlot.Create("P&L", "USD", [-2_900, 0, 1_100], [.. losses.Select(l => new PlotMark($"loss {l}", -l))]);
        var lines = Elements(panel, "line").Where(l => l.Attribute("stroke-dasharray") is not null).ToList();
        var words = Elements(panel, "text").Where(t => t.Value.StartsWith("loss", StringComparison.Ordinal)).ToList();
        Assert.Equal((4, 4), (lines.Count, words.Count));
        foreach (var word in words)
        {
            var (x, y, width) = ((double)word.Attribute("x")!, (double)word.Attribute("y")!, PlotLook.WidthOf(word.Value));
            var left = word.Attribute("text-anchor")!.Value == "end" ? x - width : x;
            Assert.DoesNotContain(lines, l => (double)l.Attribute("x1")! > left && (double)l.Attribute("x1")! < left + width && (double)l.Attribute("y1")! < y);
        }
    }

    [Fact]
    public void A_distribution_of_one_number_is_drawn_too() =>
        Assert.NotEmpty(Boxes(HistogramPlot.Create("P&L", "USD", [5, 5, 5], [])));

    [Fact]
    public void A_heat_map_has_a_cell_for_every_pair_and_the_strongest_colour_for_the_largest()
    {
        double[][] pnl = [[-100, 0], [50, 25]];
        var cells = Boxes(HeatMapPlot.Create("m", "USD", ("spot", ["-10 %", "+10 %"]), ("vol", ["-20 %", "+20 %"]), (r, c) => pnl[r][c]));
        Assert.Equal([PlotLook.Loss, "#ffffff"], cells.Take(2).Select(c => c.Fill));
        Assert.Equal("#80b8d8", cells[2].Fill);
        Assert.Equal("+10 %, -20 %: 50.00", cells[2].Hint);
    }

    [Theory]
    [InlineData(0, 10, 5, "0 2 4 6 8 10")]
    [InlineData(-3.2e7, 1.1e7, 4, "-20000000 0")]
    [InlineData(0.013, 0.021, 4, "0.014 0.016 0.018 0.02")]
    public void Ticks_are_round(double low, double high, int about, string ticks) =>
        Assert.Equal(ticks, string.Join(' ', new PlotScale(low, high, 0, 100).Ticks(about).Select(t => t.ToString("0.######", CultureInfo.InvariantCulture))));

    private static List<(double X, double Width, string Fill, string Hint)> Boxes(SvgPanel panel) =>
        [.. Elements(panel, "rect").Select(r => ((double)r.Attribute("x")!, (double)r.Attribute("width")!, r.Attribute("fill")!.Value, r.Value))];

    private static IEnumerable<string> Words(SvgPanel panel) => Elements(panel, "text").Select(t => t.Value);

    private static IEnumerable<XElement> Elements(SvgPanel panel, string name) => XElement.Parse($"<g>{panel.Shapes}</g>").Elements(name);
}

using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Risk.Tests;

public sealed class HistoryPanelTests
{
    [Fact]
    public void The_shipped_history_is_the_one_its_notes_describe()
    {
        var panel = Panels.Real;
        Assert.Equal(4453, panel.Dates.Length);
        Assert.Equal(71, panel.Factors.Length);
        Assert.Equal((new LocalDate(2004, 9, 7), new LocalDate(2022, 12, 14)), (panel.Dates[0], panel.Dates[^1]));
        var blanks = panel.Factors.Sum(f => Enumerable.Range(0, panel.Dates.Length).Count(r => double.IsNaN(panel.Value(r, f))));
        Assert.Equal(15, blanks);
        Assert.Equal(-36.98, panel.Value(panel.Dates.IndexOf(new LocalDate(2020, 4, 20)), FactorName.Parse("CMD.WTI")));
        Assert.Equal(3995.32, panel.Value(panel.Dates.Length - 1, FactorName.Parse("IDX.SP500")));
    }

    [Fact]
    public void A_blank_reads_as_NaN_and_line_ends_do_not_matter()
    {
        var panel = HistoryPanel.Read(new StringReader("date,EQ.A,EQ.B\r\n2020-01-02,1.5,\r\n2020-01-03,,-2e-3\r\n"), "test.csv");
        Assert.Equal(1.5, panel.Value(0, FactorName.Parse("EQ.A")));
        Assert.True(double.IsNaN(panel.Value(0, FactorName.Parse("EQ.B"))));
        Assert.True(double.IsNaN(panel.Value(1, FactorName.Parse("EQ.A"))));
        Assert.Equal(-0.002, panel.Value(1, FactorName.Parse("EQ.B")));
        Assert.False(panel.Has(FactorName.Parse("EQ.C")));
        Assert.Equal("factor", Assert.Throws<ValidationException>(() => panel.Value(0, FactorName.Parse("EQ.C"))).Field);
    }

    [Theory]
    [InlineData("header", 1, "")]
    [InlineData("header", 1, "day,EQ.A\n2020-01-02,1")]
    [InlineData("header", 1, "date\n2020-01-02")]
    [InlineData("header", 1, "date,AAPL\n2020-01-02,1")]
    [InlineData("header", 1, "date,EQ.A,EQ.A\n2020-01-02,1,1")]
    [InlineData("row", 2, "date,EQ.A\n")]
    [InlineData("row", 3, "date,EQ.A\n2020-01-02,1\n2020-01-03,1,2")]
    [InlineData("row", 3, "date,EQ.A\n2020-01-02,1\n2020-01-03")]
    [InlineData("row", 3, "date,EQ.A\n2020-01-02,1\n\n2020-01-03,1")]
    [InlineData("date", 2, "date,EQ.A\n2020-13-02,1")]
    [InlineData("date", 2, "date,EQ.A\n02.01.2020,1")]
    [InlineData("date", 3, "date,EQ.A\n2020-01-03,1\n2020-01-02,1")]
    [InlineData("date", 3, "date,EQ.A\n2020-01-02,1\n2020-01-02,1")]
    [InlineData("EQ.A", 2, "date,EQ.A\n2020-01-02,abc")]
    [InlineData("EQ.A", 2, "date,EQ.A\n2020-01-02,NaN")]
    [InlineData("EQ.A", 2, "date,EQ.A\n2020-01-02,1e999")]
    [InlineData("EQ.A", 2, "date,EQ.A\n2020-01-02,\"1\"")]
    public void A_bad_file_is_refused_with_line_and_field(string field, int line, string csv)
    {
        var refusal = Assert.Throws<ValidationException>(() => HistoryPanel.Read(new StringReader(csv), "test.csv"));
        Assert.Equal(field, refusal.Field);
        Assert.Contains($"(test.csv, line {line})", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_is_of_the_content_and_not_of_the_file()
    {
        string Hash(string csv, string name = "test.csv") => HistoryPanel.Read(new StringReader(csv), name).Hash;
        var hash = Hash("date,EQ.A\n2020-01-02,1");
        Assert.Equal(hash, Hash("date,EQ.A\r\n2020-01-02,1.0\r\n", "other.csv"));
        string[] different = [hash, Hash("date,EQ.A\n2020-01-03,1"), Hash("date,EQ.A\n2020-01-02,2"), Hash("date,EQ.A\n2020-01-02,"), Hash("date,EQ.B\n2020-01-02,1")];
        Assert.Equal(different.Length, different.Distinct().Count());
    }
}

namespace RiskGrid.Kernels.Tests;

/// <summary>What docs/kernels.md says of accuracy is what is measured, and within what it promises.</summary>
public sealed class AccuracyTableTests
{
    [Fact]
    public void Every_measured_error_is_within_its_promise()
    {
        var rows = AccuracyTables.Grid().Concat(AccuracyTables.Beyond()).ToArray();
        Assert.True(rows.Length > 30, "the tables are there");
        foreach (var row in rows)
        {
            Assert.True(row.Measured <= row.Promised, $"{row.Quantity}: {row.Measured:E2} is measured, {row.Promised:E2} promised");
            Assert.True(row.Measured > 0, $"{row.Quantity}: nothing was measured");
        }
    }

    [Fact]
    public void The_document_holds_the_tables_as_they_are_measured()
    {
        var document = File.ReadAllText(AccuracyTables.Document);
        var expected = AccuracyTables.Write(document);
        Assert.True(string.Equals(document, expected, StringComparison.Ordinal),
            $"{AccuracyTables.Document} is not what is measured. Write it anew: dotnet {typeof(Program).Assembly.Location} tables");
    }
}

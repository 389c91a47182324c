using System.Globalization;

namespace RiskGrid.Kernels.Tests;

/// <summary>A table of Reference/, written by native/derive/reference.py.</summary>
internal sealed class ReferenceTable
{
    private readonly string[] columns;
    private readonly string[][] rows;

    public ReferenceTable(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "tests/RiskGrid.Kernels.Tests/Reference", name));
        columns = lines[0].Split(',');
        rows = [.. lines.Skip(1).Select(line => line.Split(','))];
    }

    public int Count => rows.Length;

    public string Text(int row, string column) => rows[row][Array.IndexOf(columns, column)];

    public double Number(int row, string column) => double.Parse(Text(row, column), CultureInfo.InvariantCulture);

    public OptionSide Side(int row) => Number(row, "side") > 0 ? OptionSide.Call : OptionSide.Put;

    public string Line(int row) => string.Join(',', rows[row]);
}

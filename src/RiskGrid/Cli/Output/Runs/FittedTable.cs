using Spectre.Console;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>A column beside the names of rows.</summary>
/// <param name="Heading">Its heading.</param>
/// <param name="Cell">The text of a row.</param>
/// <param name="IsText">Words, not numbers: they begin at the left.</param>
/// <typeparam name="T">What a row is made from.</typeparam>
internal sealed record TableColumnOf<T>(string Heading, Func<T, string> Cell, bool IsText = false);

/// <summary>A table whose last columns are left out, and named, where the terminal is too narrow for them.</summary>
internal static class FittedTable
{
    // Margins and borders of the whole table, and of one column of it.
    private const int TableMargin = 4;
    private const int ColumnMargin = 3;

    // Columns without room that are named.
    private const int Named = 5;

    /// <summary>A row per item: its name on the left, then the columns, the most important first.</summary>
    /// <param name="title">Above the table; empty for none.</param>
    /// <param name="heading">Of the names.</param>
    /// <param name="rows">The items.</param>
    /// <param name="name">An item's name.</param>
    /// <param name="columns">Most important first.</param>
    /// <param name="caption">Below the table.</param>
    /// <param name="width">Characters in a line.</param>
    public static Table Create<T>(
        string title, string heading, IReadOnlyList<T> rows, Func<T, string> name, IEnumerable<TableColumnOf<T>> columns, string caption, int width)
    {
        var left = width - TableMargin - rows.Select(r => name(r).Length).Append(heading.Length).Max();
        var (shown, dropped) = (new List<TableColumnOf<T>>(), new List<string>());
        foreach (var column in columns)
        {
            left -= rows.Select(r => column.Cell(r).Length).Append(column.Heading.Length).Max() + ColumnMargin;
            if (left >= 0 || shown.Count == 0)
                shown.Add(column);
            else
                dropped.Add(column.Heading);
        }

        var table = new Table().Border(TableBorder.Simple);
        if (title.Length > 0)
            table.Title(new TableTitle(Markup.Escape(title)));
        table.AddColumn(new TableColumn(Markup.Escape(heading)).NoWrap());
        foreach (var column in shown)
            table.AddColumn(new TableColumn(Markup.Escape(column.Heading)) { Alignment = column.IsText ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (var row in rows)
            table.AddRow([new Text(name(row)), .. shown.Select(c => new Text(c.Cell(row)))]);
        table.Caption(new TableTitle(Markup.Escape(dropped.Count == 0 ? caption : $"{caption}; no room for {NamesOf(dropped)}")));
        return table;
    }

    private static string NamesOf(List<string> columns) => columns.Count <= Named + 1
        ? string.Join(", ", columns)
        : $"{string.Join(", ", columns.Take(Named))} and {columns.Count - Named} more";
}

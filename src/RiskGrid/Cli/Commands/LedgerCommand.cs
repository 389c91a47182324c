using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RiskGrid.Ledger;
using Spectre.Console;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid ledger copy FROM TO</c></summary>
internal static class LedgerCommand
{
    public static Command Create() => new("ledger", "Works on a ledger as a whole.") { Copy() };

    private static Command Copy()
    {
        const string Forms = "the path of a SQLite file or postgres://user:password@host:port/database";
        var from = new Argument<string>("from") { Description = $"The ledger to copy: {Forms}." };
        var to = new Argument<string>("to") { Description = $"An empty ledger, or a file that does not exist: {Forms}." };
        var json = CommonOptions.Json();
        var command = new Command("copy", "Copies a whole ledger into another store, then compares every table of both.") { from, to, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            token => CopyAsync(parsed.GetRequiredValue(from), parsed.GetRequiredValue(to), parsed.GetValue(json), token), cancel));
        return command;
    }

    private static async Task<int> CopyAsync(string from, string to, bool json, CancellationToken cancellationToken)
    {
        var tables = await Terminal.Error.Status().StartAsync(
            "copying …",
            status => LedgerCopy.CopyAsync(
                from, to, (table, rows) => status.Status(string.Create(CultureInfo.InvariantCulture, $"copying {table}: {rows:N0} rows …")),
                cancellationToken));
        var isSame = tables.All(t => t.IsSame);
        if (json)
            Terminal.WriteJson(Document(Ledgers.Describe(from), Ledgers.Describe(to), isSame, tables));
        else
            Show(tables);
        if (!isSame)
            await Console.Error.WriteLineAsync($"riskgrid: {Ledgers.Describe(to)} is not the same as {Ledgers.Describe(from)}; don't use it");
        return isSame ? CommandLine.Done : CommandLine.Failed;
    }

    private static void Show(IReadOnlyList<TableComparison> tables)
    {
        var shown = new Table().Border(TableBorder.Simple).AddColumn("table").AddColumn(new TableColumn("rows").RightAligned())
            .AddColumn(new TableColumn("copied").RightAligned()).AddColumn("SHA-256").AddColumn(string.Empty);
        foreach (var table in tables)
        {
            shown.AddRow(
                table.Table, table.FromRows.ToString("N0", CultureInfo.InvariantCulture), table.ToRows.ToString("N0", CultureInfo.InvariantCulture),
                table.IsSame ? table.FromDigest[..16] : $"{table.FromDigest[..16]} ≠ {table.ToDigest[..16]}", table.IsSame ? "same" : "DIFFERENT");
        }

        Terminal.Out.Write(shown);
    }

    private static JsonObject Document(string from, string to, bool isSame, IReadOnlyList<TableComparison> tables) => new()
    {
        ["from"] = from,
        ["to"] = to,
        ["same"] = isSame,
        ["tables"] = new JsonArray([.. tables.Select(t => (JsonNode)new JsonObject
        {
            ["table"] = t.Table,
            ["same"] = t.IsSame,
            ["from_rows"] = t.FromRows,
            ["to_rows"] = t.ToRows,
            ["from_sha256"] = t.FromDigest,
            ["to_sha256"] = t.ToDigest,
        })]),
    };
}

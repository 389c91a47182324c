using System.Text.Json.Nodes;
using NodaTime;
using RiskGrid.Client;
using RiskGrid.Client.TradeFiles;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli;

/// <summary>One trade file on its way to a server: good lines are booked, the others end up in the quarantine file, whoever refused them.</summary>
internal sealed class TradeFileLoad(RiskGridClient client, string path, string? desk, string author)
{
    private readonly List<TradeRow> _good = [];
    private readonly List<QuarantinedRow> _bad = [];

    public async Task<TradeFileReport> RunAsync(Stages stages, string quarantine, CancellationToken cancellationToken)
    {
        var market = await client.GetMarketAsync(new GetMarketRequest { WithoutQuotes = true }, cancellationToken);
        var valuation = market.Point.Valuation?.ToInstant() ?? Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        await stages.RunAsync("read", $"Read {path}", progress => ReadAsync(valuation, progress, cancellationToken));
        if (desk is not null)
            await CreateBooksAsync(desk, cancellationToken);
        var results = await stages.RunAsync("book", $"Book {_good.Count:N0} trades", progress => client.BookTradesAsync(
            _good.Select(r => r.Command), new BookingOptions { Author = author, Progress = new CountBar(progress, _good.Count) }, cancellationToken));
        var loaded = 0;
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i].Outcome == TradeResult.Types.Outcome.Applied)
                loaded++;
            else
                _bad.Add(new QuarantinedRow(path, _good[i].Line, results[i].Field, results[i].Reason, results[i].TradeId));
        }

        _bad.Sort((a, b) => a.Line.CompareTo(b.Line));
        if (_bad.Count > 0)
            await WriteQuarantineAsync(quarantine, cancellationToken);
        else
            File.Delete(quarantine);
        return new TradeFileReport(path, loaded, _bad, _bad.Count > 0 ? quarantine : null);
    }

    private async Task<bool> ReadAsync(Instant valuation, IProgress<double> progress, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        await foreach (var row in TradeFile.ReadAsync(file, path, valuation, cancellationToken))
        {
            if (row is TradeRow good)
                _good.Add(good);
            else if (row is QuarantinedRow bad)
                _bad.Add(bad);
            progress.Report(file.Length == 0 ? 1 : (double)file.Position / file.Length);
        }

        return true;
    }

    private async Task CreateBooksAsync(string deskPath, CancellationToken cancellationToken)
    {
        var hierarchy = await client.GetHierarchyAsync(cancellationToken);
        var parent = hierarchy.Nodes.FirstOrDefault(n => n.Kind == "desk" && n.Path == deskPath)
            ?? throw new UsageException($"--create-books-in: there is no desk {deskPath}");
        var known = hierarchy.Nodes.Select(n => n.Id).ToHashSet(StringComparer.Ordinal);
        var books = _good.Select(r => r.Command.Book.Book).Where(b => !known.Contains(b)).Distinct(StringComparer.Ordinal).ToList();
        if (books.Count > 0)
            await client.PutHierarchyAsync(books.Select(b => new HierarchyNode { Id = b, Kind = "book", Name = b, Parent = parent.Id }), cancellationToken);
    }

    private async Task WriteQuarantineAsync(string quarantine, CancellationToken cancellationToken)
    {
        await using var file = File.Create(quarantine);
        await using var report = new QuarantineReport(file);
        foreach (var row in _bad)
            await report.WriteAsync(row, cancellationToken);
    }
}

/// <summary>What became of a trade file.</summary>
internal sealed record TradeFileReport(string Path, int Loaded, IReadOnlyList<QuarantinedRow> Bad, string? QuarantineFile)
{
    private const int Shown = 20;

    public int Quarantined => Bad.Count;

    public void Show()
    {
        Terminal.WriteLine($"{Path}: {Loaded:N0} trades on their books, {Quarantined:N0} lines quarantined.");
        foreach (var row in Bad.Take(Shown))
            Terminal.WriteLine($"  line {row.Line}, {row.Field}: {row.Reason}");
        if (Bad.Count > Shown)
            Terminal.WriteLine($"  ... and {Bad.Count - Shown:N0} more");
        if (QuarantineFile is not null)
            Terminal.WriteLine($"All of them are in {QuarantineFile}; mend the lines in the file and load it again: what is booked is not booked twice.");
    }

    public JsonObject ToJson() => new()
    {
        ["file"] = Path,
        ["loaded"] = Loaded,
        ["quarantined"] = Quarantined,
        ["quarantine_file"] = QuarantineFile,
        ["rows"] = new JsonArray([.. Bad.Select(r => (JsonNode)new JsonObject { ["line"] = r.Line, ["field"] = r.Field, ["reason"] = r.Reason })]),
    };
}

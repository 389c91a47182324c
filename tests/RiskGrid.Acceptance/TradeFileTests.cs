using System.Text;
using System.Text.Json;
using RiskGrid.Acceptance.Processes;
using Xunit.Abstractions;

namespace RiskGrid.Acceptance;

/// <summary><c>riskgrid load FILE</c> with files as people have them.</summary>
public sealed class TradeFileTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Header =
        "trade_id,book,type,root,underlying,zero_curve,option_type,strike,expiry_date,expiry_time,currency,multiplier,quantity,counterparty";

    private const int TooLong = 10 << 20;

    private readonly TemporaryFolder _folder = new();
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(_folder.File("ledger.db"), "--history", SmallHistory.WriteTo(_folder));
        using var client = _server.Connect();
        await client.PutHierarchyAsync([SmallMarket.Node("FILES", "desk", "FIRM"), SmallMarket.Node("FILE-A", "book", "FILES")]);
        await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Good_lines_are_booked_and_each_faulty_one_is_set_aside_with_line_field_and_reason()
    {
        var file = WriteFaultyFile(out var faults);
        var run = (await LoadAsync(file, "--json")).MustEndWith(1);
        var report = run.OneDocument();
        output.WriteLine(run.Output);
        Assert.Equal(3, report.GetProperty("loaded").GetInt32());
        Assert.Equal(faults.Count, report.GetProperty("quarantined").GetInt32());
        var rows = report.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(faults, rows.Select(r => (r.GetProperty("line").GetInt32(), r.GetProperty("field").GetString()!)));
        Assert.All(rows, r => Assert.False(string.IsNullOrWhiteSpace(r.GetProperty("reason").GetString())));

        var quarantine = await File.ReadAllLinesAsync(file + ".quarantine.csv");
        Assert.Equal(file + ".quarantine.csv", report.GetProperty("quarantine_file").GetString());
        Assert.Equal("line,field,reason,raw", quarantine[0]);
        Assert.Equal(faults.Select(f => $"{f.Line}"), quarantine.Skip(1).Select(l => l.Split(',')[0]));
        Assert.True(new FileInfo(file + ".quarantine.csv").Length < 100_000, "the 10 MB line is quoted in part");
        await AssertBookedAsync(trades: 3, sequence: 3);
    }

    [Fact]
    public async Task Loading_the_same_file_again_books_nothing_twice()
    {
        var file = WriteFaultyFile(out var faults);
        var first = (await LoadAsync(file, "--json")).MustEndWith(1).OneDocument();
        await AssertBookedAsync(trades: 3, sequence: 3);
        var second = (await LoadAsync(file, "--json")).MustEndWith(1).OneDocument();
        Assert.Equal(first.GetProperty("loaded").GetInt32(), second.GetProperty("loaded").GetInt32());
        Assert.Equal(faults.Count, second.GetProperty("quarantined").GetInt32());
        await AssertBookedAsync(trades: 3, sequence: 3);
    }

    [Fact]
    public async Task A_clean_file_succeeds_and_leaves_no_quarantine_behind()
    {
        var file = _folder.Write("clean.csv", $"{Header}\n{Good("T-1")}\n{Good("T-2")}\n");
        var report = (await LoadAsync(file, "--json")).MustEndWith(0).OneDocument();
        Assert.Equal(2, report.GetProperty("loaded").GetInt32());
        Assert.Equal(0, report.GetProperty("quarantined").GetInt32());
        Assert.False(File.Exists(file + ".quarantine.csv"));
        await AssertBookedAsync(trades: 2, sequence: 2);
    }

    [Fact]
    public async Task What_the_server_refuses_is_set_aside_like_what_the_reader_refuses()
    {
        await LoadAsync(_folder.Write("first.csv", $"{Header}\n{Good("T-1")}\n"));
        var run = await LoadAsync(_folder.Write("second.csv", $"{Header}\n{Good("T-1", quantity: "77")}\n{Good("T-2", book: "NOWHERE")}\n{Good("T-3")}\n"), "--json");
        var report = run.MustEndWith(1).OneDocument();
        Assert.Equal(1, report.GetProperty("loaded").GetInt32());
        Assert.Equal([(2, "trade_id"), (3, "book")], report.GetProperty("rows").EnumerateArray().Select(LineAndField));
        await AssertBookedAsync(trades: 2, sequence: 2);
    }

    [Fact]
    public async Task Books_that_the_file_names_are_made_when_asked_for()
    {
        var file = _folder.Write("new-books.csv", $"{Header}\n{Good("T-1", book: "NEW-1")}\n{Good("T-2", book: "NEW-2")}\n");
        (await LoadAsync(file, "--create-books-in", "/FILES")).MustEndWith(0);
        using var client = _server.Connect();
        Assert.Equal(1U, (await client.GetRollupAsync("/FILES/NEW-2", settled: true))[0].Coverage.Trades);
    }

    [Fact]
    public async Task A_file_that_is_no_trade_file_is_refused_whole_with_the_reason()
    {
        var run = (await LoadAsync(_folder.Write("other.csv", "a,b,c\n1,2,3\n"))).MustEndWith(1);
        Assert.Contains("other.csv", run.Errors, StringComparison.Ordinal);
        Assert.Contains("trade_id", run.Errors, StringComparison.Ordinal);
        (await LoadAsync(_folder.File("nowhere.csv"))).MustEndWith(1);
    }

    private static (int Line, string Field) LineAndField(JsonElement row) => (row.GetProperty("line").GetInt32(), row.GetProperty("field").GetString()!);

    private static string Good(
        string id, string book = "FILE-A", string type = "european_option", string strike = "6900", string expiry = "2026-02-20", string quantity = "10") =>
        $"{id},{book},{type},SPXW,IDX.SP500,USD,call,{strike},{expiry},16:00,USD,100,{quantity},ACME";

    // Faults between good lines: none of them may spoil what follows.
    private string WriteFaultyFile(out List<(int Line, string Field)> faults)
    {
        var file = _folder.File("faulty.csv");
        using var stream = File.Create(file);
        var found = new List<(int Line, string Field)>();
        var line = 1;
        void Write(string text, string? fault = null)
        {
            WriteBytes(Encoding.UTF8.GetBytes(text), fault);
        }

        void WriteBytes(byte[] bytes, string? fault)
        {
            if (fault is not null)
                found.Add((line, fault));
            stream.Write(bytes);
            stream.WriteByte((byte)'\n');
            line++;
        }

        Write(Header);
        Write(Good("T-1"));
        Write(Good("T-2", type: "swaption"), "type");
        Write(Good("T-3", strike: string.Empty), "strike");
        Write("T-4,FILE-A,european_option", "line");
        Write(Good("T-5", strike: "NaN"), "strike");
        Write(Good("T-6", quantity: "NaN"), "quantity");
        Write(Good("T-7", quantity: "1e999"), "quantity");
        Write(Good("T-8", strike: "-6900"), "strike");
        Write(Good("T-9"));
        Write(Good("T-10", expiry: "2026-01-16"), "expiry_date");
        Write(Good("T-11", expiry: "2026-02-30"), "expiry_date");
        Write(Good("T-1"), "trade_id");
        WriteBytes([.. "T-12,FILE-A,european_option,SPXW,IDX.SP500,USD,call,6900,2026-02-20,16:00,USD,100,10,AC"u8, 0xC3, 0x28, .. "ME"u8], "line");
        WriteBytes([.. "T-13,"u8, .. Enumerable.Repeat((byte)'x', TooLong)], "line");
        Write("T-14,\"FILE-A,european_option,SPXW,IDX.SP500,USD,call,6900,2026-02-20,16:00,USD,100,10,ACME", "book");
        Write(Good("T-15", book: "NOWHERE"), "book");
        Write(Good("T-16"));
        faults = found;
        return file;
    }

    private Task<ProgramResult> LoadAsync(string file, params string[] options) =>
        RiskGridProgram.RunAsync(["load", file, "--address", _server.Address, .. options]);

    private async Task AssertBookedAsync(uint trades, long sequence)
    {
        using var client = _server.Connect();
        var book = (await client.GetRollupAsync("/FILES/FILE-A", settled: true))[0];
        Assert.Equal((trades, trades, sequence), (book.Coverage.Trades, book.Coverage.Priced, book.LedgerSequence));
    }
}

using System.IO.Compression;
using System.Text;
using NodaTime;
using RiskGrid.Client.TradeFiles;
using RiskGrid.Model;
using RiskGrid.Protocol.Mapping;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Client.Tests.TradeFiles;

[CollectionDefinition(nameof(TradeFileTests), DisableParallelization = true)]
[Collection(nameof(TradeFileTests))]
public sealed class TradeFileTests
{
    private const string Header =
        "trade_id,book,type,root,underlying,zero_curve,option_type,strike,expiry_date,expiry_time,currency,multiplier,quantity,counterparty";

    private static readonly Instant Valuation = Instant.FromUtc(2026, 1, 30, 21, 15);

    [Fact]
    public async Task A_good_line_becomes_the_command_it_describes()
    {
        var row = Assert.IsType<TradeRow>(Assert.Single(await ReadAsync($"{Header}\n{Good("T1")}\n")));

        Assert.Equal(2, row.Line);
        var command = Assert.IsType<BookCommand>(TradeMapping.FromWire(row.Command));
        Assert.Equal("T1", command.TradeId.Value);
        var option = new EuropeanOption(
            "SPXW", FactorName.Parse("IDX.SP500"), "USD", OptionType.Call, 6900.5, new LocalDateTime(2026, 2, 20, 16, 0), Currency.Usd, 100);
        Assert.Equal(new TradeTerms(option, -12, NodeId.Parse("B1"), "ACME, Inc. \"EU\""), command.Terms);
    }

    [Fact]
    public async Task Every_kind_of_fault_is_set_aside_with_line_field_and_reason_and_the_good_lines_load()
    {
        var file = new MemoryStream();
        var line = 1;
        var good = 0;
        var expected = new List<(int Line, string Field, string Reason)>();
        Write(Header);
        WriteGood();
        Bad("type", "'swap' is not a known type", With("type", "swap"));
        Bad("strike", "strike is missing", With("strike", ""));
        Bad("book", "book is missing", With("book", "   "));
        WriteGood();
        Bad("quantity", "'NaN' is not a number", With("quantity", "NaN"));
        Bad("quantity", "'1e999' is not a finite number", With("quantity", "1e999"));
        Bad("multiplier", "'-Infinity' is not a finite number", With("multiplier", "-Infinity"));
        Bad("strike", "above zero", With("strike", "-5"));
        Bad("strike", "'12x' is not a number", With("strike", "12x"));
        Bad("expiry_date", "expired at 2026-01-30 16:00", With("expiry_date", "2026-01-30"));
        Bad("expiry_date", "'2026-02-30' is not a date", With("expiry_date", "2026-02-30"));
        Bad("expiry_time", "'25:00' is not a time", With("expiry_time", "25:00"));
        Bad("trade_id", "is in line 2 already", With("trade_id", "G1"));
        WriteGood();
        BadBytes("line", "is not UTF-8", [.. Encoding.UTF8.GetBytes(With("counterparty", "M")), 0xC3, 0x28]);
        BadBytes("line", "byte 1 of the line is not UTF-8", [0xFF, 0xFE, 0x00]);
        Bad("line", "the line has 10,000,000 bytes, at most 65,536", new string('x', 10_000_000));
        WriteGood();
        Bad("line", "has 13 fields, the header has 14", With("counterparty", "")[..^1]);
        Bad("line", "has 15 fields", Good("X") + ",more");
        Bad("line", "has 1 fields", "nonsense");
        Bad("counterparty", "a quote is not closed", With("counterparty", "\"open"));
        WriteGood();
        Bad("root", "a quote stands inside", With("root", "SP\"XW"));
        Bad("root", "text follows a closing quote", With("root", "\"SPX\"W"));
        Bad("trade_id", "ASCII letters", With("trade_id", "T 1"));
        Bad("underlying", "not a price", With("underlying", "ZC.USD.5Y"));
        Bad("underlying", "does not begin with", With("underlying", "SPX"));
        Bad("option_type", "neither call nor put", With("option_type", "straddle"));
        Bad("currency", "three capital letters", With("currency", "usd"));
        Bad("counterparty", "control", With("counterparty", "a\u0007b"));
        Bad("counterparty", "64", With("counterparty", new string('c', 65)));
        Bad("line", "at most 65,536", new string(',', TradeFile.LineLimit + 1));
        Bad("line", "has 65,537 fields", new string(',', TradeFile.LineLimit));
        WriteRaw("\n  \r\n\r\n");
        line += 3;
        WriteGood();

        file.Position = 0;
        var rows = await TradeFile.ReadAsync(file, "trades.csv", Valuation).ToListAsync();
        var actual = rows.OfType<QuarantinedRow>().ToList();
        for (var i = 0; i < Math.Min(expected.Count, actual.Count); i++)
        {
            Assert.Equal((expected[i].Line, expected[i].Field), ((int)actual[i].Line, actual[i].Field));
            Assert.Contains(expected[i].Reason, actual[i].Reason, StringComparison.Ordinal);
            Assert.Equal("trades.csv", actual[i].Source);
            Assert.True(actual[i].Raw.Length <= QuarantinedRow.RawLimit, "only the beginning of a line is shown");
        }

        Assert.Equal(expected.Count, actual.Count);
        Assert.Equal(line, rows[^1].Line);
        Assert.Equal(Enumerable.Range(1, good).Select(i => $"G{i}"), rows.OfType<TradeRow>().Select(r => r.Command.TradeId));

        void WriteRaw(string text) => file.Write(Encoding.UTF8.GetBytes(text));

        void Write(string text)
        {
            // Both kinds of line end, in turn.
            WriteRaw(text);
            WriteRaw(line % 2 == 0 ? "\n" : "\r\n");
        }

        void WriteGood()
        {
            line++;
            Write(Good($"G{++good}"));
        }

        void Bad(string field, string reason, string text) => BadBytes(field, reason, Encoding.UTF8.GetBytes(text));

        void BadBytes(string field, string reason, byte[] bytes)
        {
            line++;
            expected.Add((line, field, reason));
            file.Write(bytes);
            WriteRaw("\n");
        }
    }

    [Fact]
    public async Task Loading_the_same_trades_again_makes_the_same_command_ids_and_other_terms_other_ones()
    {
        var first = Commands(await ReadAsync($"{Header}\n{Good("T1")}\n{Good("T2")}\n"));
        var reordered = Commands(await ReadAsync($"{Header}\r\n\r\n{Good("T2")}\r\n{Good("T1").Replace("6900.5", " 6.9005e3 ", StringComparison.Ordinal)}"));
        var changed = Commands(await ReadAsync($"{Header}\n{Good("T1").Replace("-12", "-13", StringComparison.Ordinal)}\n"));

        Assert.Equal(first[0], reordered[1]);
        Assert.Equal(first[1], reordered[0]);
        Assert.NotEqual(first[0].CommandId, first[1].CommandId);
        Assert.NotEqual(first[0].CommandId, changed[0].CommandId);
        Assert.All(first, command => Assert.Equal(command.CommandId, CommandId.Parse(command.CommandId).Value));
    }

    [Fact]
    public async Task Columns_may_come_in_any_order_and_with_a_byte_order_mark()
    {
        var names = Header.Split(',').Reverse().ToArray();
        var values = Good("T1").Replace("\"ACME, Inc. \"\"EU\"\"\"", "ACME", StringComparison.Ordinal).Split(',').Reverse().ToArray();
        var row = Assert.Single(await ReadAsync($"\uFEFF{string.Join(',', names)}\n{string.Join(',', values)}"));
        Assert.Equal("T1", Assert.IsType<TradeRow>(row).Command.TradeId);
    }

    [Fact]
    public async Task A_trade_that_expires_at_the_valuation_instant_is_still_one()
    {
        var atExpiry = Instant.FromUtc(2026, 2, 20, 21, 0);
        var text = $"{Header}\n{Good("T1")}\n";
        Assert.IsType<TradeRow>(Assert.Single(await ReadAsync(text, atExpiry)));
        Assert.IsType<QuarantinedRow>(Assert.Single(await ReadAsync(text, atExpiry + Duration.FromSeconds(1))));
    }

    [Fact]
    public async Task A_faulty_line_does_not_take_its_trade_id()
    {
        var rows = await ReadAsync($"{Header}\n{With("strike", "x", "T1")}\n{Good("T1")}\n{Good("T1")}\n");
        Assert.IsType<QuarantinedRow>(rows[0]);
        Assert.IsType<TradeRow>(rows[1]);
        Assert.Contains("line 3", Assert.IsType<QuarantinedRow>(rows[2]).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gzip_is_read_as_it_is_also_in_several_members()
    {
        var packed = new MemoryStream();
        Pack(packed, $"{Header}\n{Good("T1")}\n");
        Pack(packed, $"{Good("T2")}\n");
        packed.Position = 0;
        Assert.Equal(["T1", "T2"], Commands(await TradeFile.ReadAsync(packed, "t.csv.gz", Valuation).ToListAsync()).Select(c => c.TradeId));
        Assert.True(packed.CanRead, "the stream is its owner's to close");
    }

    [Fact]
    public async Task A_gzip_file_that_breaks_off_loads_what_comes_before_and_says_where_it_ends()
    {
        var packed = new MemoryStream();
        var random = new Random(5);
        Pack(packed, $"{Header}\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => Good($"T{i}-{random.NextInt64()}") + "\n")));
        var whole = packed.ToArray();
        byte[][] damaged =
        [
            [.. whole[..(whole.Length / 2)], .. Enumerable.Repeat((byte)0xEE, whole.Length / 2)], [.. whole[..^6], 0, .. whole[^5..]],
            whole[..(whole.Length / 2)], whole[..^1], whole[..^8], whole[..^9], [.. whole, .. new byte[512]],
        ];
        foreach (var bytes in damaged)
        {
            var rows = await TradeFile.ReadAsync(new MemoryStream(bytes), "t.csv.gz", Valuation).ToListAsync();
            var end = Assert.IsType<QuarantinedRow>(rows[^1]);
            Assert.Contains("breaks off", end.Reason, StringComparison.Ordinal);
            Assert.True(rows.OfType<TradeRow>().Count() > 100, "the lines before the damage load");
        }
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("trade_id,book\nT1,B1\n", "missing columns: type,root")]
    [InlineData(Header + ",comment\n", "'comment' is not a column")]
    [InlineData(Header + ",strike\n", "column strike is there twice")]
    [InlineData("T1,B1,european_option\n", "'T1' is not a column")]
    [InlineData("\"trade_id\n", "first line of a CSV file in UTF-8")]
    public async Task A_file_without_a_usable_header_is_refused_as_a_whole(string text, string reason)
    {
        var refused = await Assert.ThrowsAsync<TradeFileException>(() => ReadAsync(text));
        Assert.Contains("trades.csv line 1", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_another_encoding_or_kind_are_refused_as_a_whole()
    {
        byte[][] files = [Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Header + "\n")).ToArray(), new byte[200_000], [0x1F, 0x8B], [0x1F, 0x8B, 9, 9, 9]];
        foreach (var file in files)
            await Assert.ThrowsAsync<TradeFileException>(() => TradeFile.ReadAsync(new MemoryStream(file), "trades.csv", Valuation).ToListAsync().AsTask());
    }

    [Fact]
    public async Task No_random_damage_crashes_the_reader_or_loses_a_line()
    {
        var lines = Enumerable.Range(0, 60).Select(i => Good($"T{i}")).ToList();
        var text = Encoding.UTF8.GetBytes($"{Header}\n{string.Join('\n', lines)}\n");
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var damaged = text.ToArray();
            for (var i = 0; i < 20; i++)
                damaged[random.Next(Header.Length + 1, damaged.Length)] = (byte)random.Next(256);
            var rows = await TradeFile.ReadAsync(new Trickle(damaged, random), "trades.csv", Valuation).ToListAsync();

            var bytes = damaged.AsSpan();
            var ends = bytes.Count((byte)'\n') + (bytes[^1] == '\n' ? 0 : 1);
            Assert.True(rows.Count <= ends - 1, $"seed {seed}: {rows.Count} rows of {ends} lines");
            Assert.True(rows.Count >= ends - 1 - 20, $"seed {seed}: only what became blank may be passed over");
            Assert.True(rows.OfType<TradeRow>().Count() >= 60 - 20 - 20, $"seed {seed}: one damaged byte spoils two lines at most");
            Assert.True(rows.Zip(rows.Skip(1)).All(pair => pair.First.Line < pair.Second.Line), $"seed {seed}: line numbers go up");
        }
    }

    [Fact]
    public async Task Reading_takes_no_more_memory_for_longer_lines()
    {
        // 1 GB without one line end, never held.
        var endless = new Repeated($"{Header}\n{Good("T1")}\n", 1_000_000_000, $"\n{Good("T2")}\n");
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var rows = await TradeFile.ReadAsync(endless, "trades.csv", Valuation).ToListAsync();
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 50_000_000, "the line is not held");
        Assert.Equal(["T1", "T2"], Commands(rows).Select(c => c.TradeId));
        Assert.Equal((3L, "line"), (rows[1].Line, Assert.IsType<QuarantinedRow>(rows[1]).Field));
        Assert.Equal(4, rows[2].Line);
    }

    private static string Good(string tradeId) =>
        $"{tradeId},B1,european_option,SPXW,IDX.SP500,USD,call,6900.5,2026-02-20,16:00,USD,100,-12,\"ACME, Inc. \"\"EU\"\"\"";

    private static string With(string column, string value, string tradeId = "X")
    {
        var values = Good(tradeId).Replace("\"ACME, Inc. \"\"EU\"\"\"", "ACME", StringComparison.Ordinal).Split(',');
        values[Array.IndexOf(Header.Split(','), column)] = value;
        return string.Join(',', values);
    }

    private static List<Wire.TradeCommand> Commands(IEnumerable<TradeFileRow> rows) => [.. rows.OfType<TradeRow>().Select(r => r.Command)];

    private static async Task<List<TradeFileRow>> ReadAsync(string text, Instant? valuation = null) =>
        await TradeFile.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), "trades.csv", valuation ?? Valuation).ToListAsync();

    private static void Pack(MemoryStream into, string text)
    {
        using var gzip = new GZipStream(into, CompressionLevel.Optimal, leaveOpen: true);
        gzip.Write(Encoding.UTF8.GetBytes(text));
    }
}

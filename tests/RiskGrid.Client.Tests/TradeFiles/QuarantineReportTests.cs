using System.Text;
using RiskGrid.Client.TradeFiles;

namespace RiskGrid.Client.Tests.TradeFiles;

public sealed class QuarantineReportTests
{
    [Fact]
    public async Task Each_entry_is_one_line_whatever_the_raw_line_held()
    {
        var file = new MemoryStream();
        await using (var report = new QuarantineReport(file))
        {
            await report.WriteAsync(new QuarantinedRow("t.csv", 7, "strike", "'-5, say' is not a number", "T1,\"a \"\"b\"\"\",\u0000\u0007\r\n\\ü\uFFFD"));
            await report.WriteAsync(new QuarantinedRow("t.csv", 9, "line", "empty", ""));
            Assert.Equal(2, report.Count);
        }

        Assert.Equal(
            "line,field,reason,raw\n"
            + "7,\"strike\",\"'-5, say' is not a number\",\"T1,\"\"a \"\"\"\"b\"\"\"\"\"\",\\x00\\x07\\x0D\\x0A\\\\ü\uFFFD\"\n"
            + "9,\"line\",\"empty\",\"\"\n",
            Encoding.UTF8.GetString(file.ToArray()));
    }

    [Fact]
    public async Task A_report_without_entries_is_its_header()
    {
        var file = new MemoryStream();
        await using (new QuarantineReport(file))
        {
        }

        Assert.Equal("line,field,reason,raw\n", Encoding.UTF8.GetString(file.ToArray()));
    }
}

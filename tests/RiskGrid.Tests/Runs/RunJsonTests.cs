using System.Text.Json;
using System.Text.Json.Nodes;
using RiskGrid.Cli.Output.Runs;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Tests.Runs;

/// <summary>A run's document keeps every bit and every field of the contract.</summary>
public sealed class RunJsonTests
{
    [Fact]
    public void Numbers_read_back_to_the_same_bits_and_stand_at_short_addresses()
    {
        var document = Read(RunJson.Document(SampleRuns.HistoricalVar()));
        Assert.Equal(["/", "/EQD", "/EQD/BOOK-A", "/RATES"], document.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("path").GetString()));
        var measure = document.GetProperty("nodes")[0].GetProperty("measures")[0];
        Assert.Equal(BitConverter.DoubleToInt64Bits(SampleRuns.Odd), BitConverter.DoubleToInt64Bits(measure.GetProperty("value_at_risk").GetDouble()));
        Assert.Equal("0.99", measure.GetProperty("confidence").GetString());
        Assert.Equal("/EQD", measure.GetProperty("children")[0].GetProperty("name").GetString());
        Assert.Equal("2008-10-15", measure.GetProperty("scenarios")[0].GetString());
        Assert.Equal(4_446, document.GetProperty("legs")[0].GetProperty("scenarios").GetInt32());
    }

    [Fact]
    public void States_are_words_times_are_ISO_and_maps_are_in_order()
    {
        var document = Read(RunJson.Document(SampleRuns.HistoricalVar()));
        Assert.Equal(("var-1", "var", "finished"), (Text(document, "run_id"), Text(document, "kind"), Text(document, "state")));
        Assert.Equal("2026-01-30T21:16:00Z", Text(document, "created_at"));
        Assert.Equal("""{"A":12,"B":7}""", document.GetProperty("inputs").GetProperty("book_sequences").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("2026-01-30T21:15:00Z", Text(document.GetProperty("inputs").GetProperty("as_of"), "valuation"));
        Assert.Equal(0, document.GetProperty("spec").GetProperty("deadline_seconds").GetDouble());
    }

    [Fact]
    public void The_manifest_is_JSON_with_its_own_digits()
    {
        var manifest = Read(RunJson.Document(SampleRuns.HistoricalVar())).GetProperty("manifest");
        Assert.Equal("18446744073709551615", manifest.GetProperty("seed").GetRawText());
        Assert.Equal("0.1", manifest.GetProperty("x").GetRawText());
    }

    [Fact]
    public void What_was_not_computed_is_absent_and_a_computed_zero_is_there()
    {
        var run = SampleRuns.HistoricalVar();
        run.Result.Nodes[1].Measures[0].ClearShortfallStandardError();
        run.Result.Nodes[1].Measures[0].Children.Add(new RiskComponent { Name = "none", ComponentEs = 0 });
        var measure = Read(RunJson.Document(run)).GetProperty("nodes")[1].GetProperty("measures")[0];
        Assert.False(measure.TryGetProperty("shortfall_standard_error", out _));
        Assert.False(measure.TryGetProperty("caveat", out _));
        Assert.Equal(0, measure.GetProperty("children")[0].GetProperty("component_es").GetDouble());
        Assert.False(measure.GetProperty("children")[0].TryGetProperty("component_var", out _));
    }

    [Fact]
    public void A_depth_cuts_the_nodes_and_not_the_run_itself()
    {
        var run = SampleRuns.HistoricalVar();
        Assert.Equal(["/"], Paths(run, 0));
        Assert.Equal(["/", "/EQD", "/RATES"], Paths(run, 1));
        Assert.Equal(4, Paths(run, -1).Count);
        Assert.Equal(4, run.Result.Nodes.Count);
    }

    [Fact]
    public void Every_field_of_every_message_of_a_run_has_a_form()
    {
        // A field of a type that has no form would throw.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Fill.All(Run.Descriptor, message => MessageJson.Node(message), seen);
        Assert.Contains("riskgrid.v1.RiskMeasure", seen);
        Assert.Contains("riskgrid.v1.ExplainLine", seen);
        Assert.Contains("riskgrid.v1.PnlAttribution", seen);
    }

    [Fact]
    public void A_failed_run_tells_its_reasons_by_field()
    {
        var document = Read(RunJson.Document(SampleRuns.Failed(("spec.var.method", "EQ.A and EQ.B move as one"))));
        Assert.Equal("failed", Text(document, "state"));
        Assert.Equal("spec.var.method", Text(document.GetProperty("error").GetProperty("fields")[0], "field"));
        Assert.False(document.TryGetProperty("nodes", out _));
    }

    private static List<string?> Paths(Run run, int depth) =>
        [.. Read(RunJson.Document(run, depth)).GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("path").GetString())];

    // As a program reads it: through the text.
    private static JsonElement Read(JsonNode document) => JsonDocument.Parse(document.ToJsonString()).RootElement;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}

using System.Net;
using System.Text;
using System.Text.Json;
using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Acceptance.Face;

/// <summary>The HTTP/1.1 port as curl sees it.</summary>
public sealed class ConnectJsonTests(SmallServer server) : IClassFixture<SmallServer>
{
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task Health_and_readiness_answer()
    {
        foreach (var path in new[] { "healthz", "readyz" })
        {
            using var response = await Http.GetAsync(new Uri(server.Server.Http, path));
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"/{path} answered {response.StatusCode}");
        }
    }

    [Fact]
    public async Task A_rollup_comes_as_JSON()
    {
        var (status, body) = await PostAsync("RollupService/GetRollup", """{"path": "/", "depth": -1, "settled": true}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var rollups = body.GetProperty("rollups").EnumerateArray().ToList();
        Assert.Equal(["/", "/DESK", "/DESK/BOOK-A", "/DESK/BOOK-B"], rollups.Select(r => r.GetProperty("path").GetString()));
        Assert.Equal(4, rollups[0].GetProperty("coverage").GetProperty("priced").GetInt32());

        // Field names of the contract are understood as well as their JSON names.
        var (again, _) = await PostAsync("RollupService/GetHierarchy", "{}");
        Assert.Equal(HttpStatusCode.OK, again);
    }

    [Fact]
    public async Task A_price_comes_as_JSON_and_an_unknown_trade_is_not_found_by_name()
    {
        var (status, body) = await PostAsync("TradeService/PriceTrade", """{"tradeId": "T-1", "includeHistory": true}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(body.GetProperty("greeks").GetProperty("price").GetDouble() > 0);
        Assert.Equal("booked", Assert.Single(body.GetProperty("history").EnumerateArray()).GetProperty("event").GetString());

        var (missing, error) = await PostAsync("TradeService/PriceTrade", """{"trade_id": "T-99"}""");
        Assert.Equal(HttpStatusCode.NotFound, missing);
        Assert.Equal("not_found", error.GetProperty("code").GetString());
        Assert.Contains("T-99", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parent", """{"nodes": [{"id": "X", "kind": "book", "name": "X", "parent": "NOPE"}]}""")]
    [InlineData("kind", """{"nodes": [{"id": "X", "kind": "shelf", "name": "X", "parent": "DESK"}]}""")]
    [InlineData("kind", """{"nodes": [{"id": "DESK", "kind": "book", "name": "DESK", "parent": "FIRM"}]}""")]
    [InlineData("name", """{"nodes": [{"id": "X", "kind": "book", "name": "a/b", "parent": "DESK"}]}""")]
    [InlineData("name", """{"nodes": [{"id": "X", "kind": "book", "name": "BOOK-A", "parent": "DESK"}]}""")]
    public async Task A_hierarchy_that_breaks_a_rule_is_refused_with_field_and_reason(string field, string request)
    {
        var (status, error) = await PostAsync("RollupService/PutHierarchy", request);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_argument", error.GetProperty("code").GetString());
        var violation = error.GetProperty("details")[0].GetProperty("debug").GetProperty("fieldViolations")[0];
        Assert.Equal(field, violation.GetProperty("field").GetString());
        Assert.False(string.IsNullOrWhiteSpace(violation.GetProperty("description").GetString()));
        var (_, tree) = await PostAsync("RollupService/GetHierarchy", "{}");
        Assert.Equal(4, tree.GetProperty("nodes").GetArrayLength());
    }

    [Theory]
    [InlineData("strike", -6900, 1, "USD")]
    [InlineData("currency", 6900, 1, "dollars")]
    public async Task A_trade_that_breaks_a_rule_is_refused_with_field_and_reason(string field, double strike, double quantity, string currency)
    {
        var request = JsonSerializer.Serialize(new
        {
            commands = new[]
            {
                new
                {
                    commandId = "bad", tradeId = "BAD", book = new
                    {
                        book = "BOOK-A", quantity, instrument = new
                        {
                            europeanOption = new
                            {
                                root = "SPXW", underlying = "IDX.SP500", zeroCurve = "USD", type = "OPTION_TYPE_CALL", strike,
                                expiryDate = "2026-02-20", expiryTime = "16:00", currency, multiplier = 100,
                            },
                        },
                    },
                },
            },
        });
        var (status, body) = await PostAsync("TradeService/BookTrades", request);
        Assert.Equal(HttpStatusCode.OK, status);
        var result = body.GetProperty("results")[0];
        Assert.Equal("OUTCOME_REFUSED", result.GetProperty("outcome").GetString());
        Assert.Equal(field, result.GetProperty("field").GetString());
        Assert.False(string.IsNullOrWhiteSpace(result.GetProperty("reason").GetString()));
    }

    [Theory]
    [InlineData("{\"path\": ")]
    [InlineData("{\"path\": 7}")]
    [InlineData("{\"nothing_like_it\": 7}")]
    [InlineData("[]")]
    public async Task A_body_that_cannot_be_read_is_refused(string request)
    {
        var (status, error) = await PostAsync("RollupService/GetRollup", request);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_argument", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_run_is_started_followed_and_read_as_JSON()
    {
        const string Start = """{"runId": "json", "spec": {"path": "/", "var": {"confidences": ["0.9"], "historical": {}}}}""";
        var (started, run) = await PostAsync("RunService/StartRun", Start);
        Assert.True(started == HttpStatusCode.OK, $"{started}: {run}");
        await Eventually.HoldsAsync(
            async () => (run = (await PostAsync("RunService/GetRun", """{"runId": "json"}""")).Body).GetProperty("state").GetString() != "RUN_STATE_RUNNING",
            TimeSpan.FromMinutes(1),
            () => $"the run ends: {run}");
        Assert.Equal("RUN_STATE_FINISHED", run.GetProperty("state").GetString());
        var measure = run.GetProperty("result").GetProperty("nodes")[0].GetProperty("measures")[0];
        Assert.True(measure.GetProperty("expectedShortfall").GetDouble() >= measure.GetProperty("valueAtRisk").GetDouble());

        // The same again is the same run, and every wrong field of another is named.
        var (_, again) = await PostAsync("RunService/StartRun", Start);
        Assert.Equal(run.GetProperty("resultHash").GetString(), again.GetProperty("resultHash").GetString());
        var (refused, error) = await PostAsync(
            "RunService/StartRun", """{"spec": {"path": "/", "var": {"confidences": ["1.5"], "horizonsDays": [0], "monteCarlo": {"paths": 0}}}}""");
        Assert.Equal(HttpStatusCode.BadRequest, refused);
        var fields = error.GetProperty("details")[0].GetProperty("debug").GetProperty("fieldViolations").EnumerateArray().Select(v => v.GetProperty("field").GetString());
        Assert.Equal(["spec.var.confidences", "spec.var.horizons_days", "spec.var.monte_carlo.paths"], fields.Order());
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("RunService/GetRun", """{"runId": "nobody"}""")).Status);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string method, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Http.PostAsync(new Uri(server.Server.Http, $"riskgrid.v1.{method}"), content);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, JsonDocument.Parse(text).RootElement);
    }
}

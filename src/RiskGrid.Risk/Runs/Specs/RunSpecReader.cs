using System.Text.Json;
using RiskGrid.Model;

namespace RiskGrid.Risk.Runs;

/// <summary>Reads a spec from JSON in the field names of <c>runs.proto</c>, in any order and with defaults left out; a field that is unknown
/// or comes twice is refused.</summary>
internal static class RunSpecReader
{
    public static RunSpec Read(string text)
    {
        using var document = Parse(text);
        var json = new JsonFields(document.RootElement, string.Empty);
        RunKind? kind = null;
        void Take(string name, Func<JsonFields, RunKind> read)
        {
            if (json.Object(name) is not { } fields)
                return;
            kind = kind is null ? read(fields) : throw new ValidationException(name, "a run is of one kind, this spec names two");
            fields.Close();
        }

        Take("pin", _ => new PinSpec());
        Take("var", Var);
        Take("stress", Stress);
        Take("explain", f => new ExplainSpec(f.Text("from_run"), f.Text("to_run")));
        Take("backtest", Backtest);
        var spec = new RunSpec(json.Text("path", "/"), kind!)
        {
            Market = json.Text("market"),
            SnapshotHash = json.Text("snapshot_hash"),
            DeadlineSeconds = json.Number("deadline_seconds") ?? 0,
            ScenariosPerShard = json.Integer("scenarios_per_shard"),
        };
        json.Close();
        return spec.Normalised();
    }

    private static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException e)
        {
            throw new ValidationException("spec", $"it is not JSON: {e.Message}");
        }
    }

    private static VarSpec Var(JsonFields json)
    {
        VarMethod? method = null;
        void Take(string name, Func<JsonFields, VarMethod> read)
        {
            if (json.Object(name) is not { } fields)
                return;
            if (method is not null)
                throw new ValidationException($"var.{name}", "a value at risk has one method, this spec names two");
            method = read(fields) with { From = fields.Day("from"), To = fields.Day("to"), Decay = fields.Number("decay") };
            fields.Close();
        }

        Take("historical", f => new HistoricalMethod { HullWhite = Filter(f.Object("hull_white")) });
        Take("monte_carlo", f => new MonteCarloMethod(f.Integer("paths"), f.Seed("seed"))
        {
            DegreesOfFreedom = f.Integer("degrees_of_freedom"),
            Antithetic = f.Flag("antithetic"),
        });
        Take("parametric", _ => new ParametricMethod());
        return new VarSpec(method!)
        {
            Confidences = json.Decimals("confidences"),
            QuantileRule = Rule(json),
            HorizonsDays = json.Integers("horizons_days"),
            IntervalConfidence = json.Decimal("interval_confidence"),
            Decompose = json.Flag("decompose"),
            FactorClasses = Classes(json),
            Incremental = json.Flag("incremental"),
            Contributors = json.Integer("contributors"),
            Z = json.Decimals("z"),
        };
    }

    private static HullWhiteSpec? Filter(JsonFields? json)
    {
        if (json is null)
            return null;
        var filter = new HullWhiteSpec(json.Number("decay") ?? 0, json.Integer("warm_up"));
        json.Close();
        return filter;
    }

    private static StressSpec Stress(JsonFields json) => new()
    {
        Crises = json.Strings("crises"),
        AllCrises = json.Flag("all_crises"),
        ScenariosJson = json.Text("scenarios_json"),
        Ladders = [.. json.Objects("ladders").Select(Ladder)],
        Matrix = Matrix(json.Object("matrix")),
        FactorClasses = Classes(json),
    };

    private static LadderSpec Ladder(JsonFields json)
    {
        var ladder = new LadderSpec(json.Text("selector"), json.Numbers("moves"));
        json.Close();
        return ladder;
    }

    private static SpotVolatilityMatrixSpec? Matrix(JsonFields? json)
    {
        if (json is null)
            return null;
        var matrix = new SpotVolatilityMatrixSpec(json.Numbers("spot_moves"), json.Numbers("volatility_moves"), json.Text("selector"));
        json.Close();
        return matrix;
    }

    private static BacktestSpec Backtest(JsonFields json) => new()
    {
        Days = json.Integer("days"),
        Window = json.Integer("window"),
        Confidences = json.Decimals("confidences"),
        QuantileRule = Rule(json),
    };

    private static QuantileRule Rule(JsonFields json)
    {
        var name = json.Text("quantile_rule", QuantileRule.Floor.Name());
        return QuantileRules.TryParse(name, out var rule)
            ? rule
            : throw new ValidationException(json.Field("quantile_rule"), $"'{name}' is not one of {string.Join(", ", QuantileRules.Names)}");
    }

    private static FactorClassMask Classes(JsonFields json)
    {
        var mask = FactorClassMask.None;
        foreach (var name in json.Strings("factor_classes"))
        {
            var one = FactorClasses.Spelled(FactorClassMask.All).Contains(name)
                ? FactorClasses.Parse(name)
                : throw new ValidationException(json.Field("factor_classes"), $"'{name}' is not one of {string.Join(", ", FactorClasses.Spelled(FactorClassMask.All))}");
            mask = mask.HasFlag(one) ? throw new ValidationException(json.Field("factor_classes"), $"'{name}' comes twice") : mask | one;
        }

        return mask;
    }
}

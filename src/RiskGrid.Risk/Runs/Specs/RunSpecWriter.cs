using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace RiskGrid.Risk.Runs;

/// <summary>Writes a spec as canonical JSON: the field names of <c>runs.proto</c> in ordinal order, no white space, confidences as strings
/// of exact decimals, every field of the chosen kind present but those that are absent by meaning.</summary>
internal static class RunSpecWriter
{
    public static string Write(RunSpec spec, bool withLimits) => CanonicalJson.Write(json =>
    {
        if (spec.Kind is BacktestSpec backtest)
            Write(json, backtest);
        if (withLimits)
            json.WriteNumber("deadline_seconds", spec.DeadlineSeconds);
        if (spec.Kind is ExplainSpec explain)
        {
            json.WriteStartObject("explain");
            json.WriteString("from_run", explain.FromRun);
            json.WriteString("to_run", explain.ToRun);
            json.WriteEndObject();
        }

        json.WriteString("market", spec.Market);
        json.WriteString("path", spec.Path);
        if (spec.Kind is PinSpec)
        {
            json.WriteStartObject("pin");
            json.WriteEndObject();
        }

        if (withLimits)
            json.WriteNumber("scenarios_per_shard", spec.ScenariosPerShard);
        json.WriteString("snapshot_hash", spec.SnapshotHash);
        if (spec.Kind is StressSpec stress)
            Write(json, stress);
        if (spec.Kind is VarSpec var)
            Write(json, var);
    });

    private static void Write(Utf8JsonWriter json, BacktestSpec spec)
    {
        json.WriteStartObject("backtest");
        Decimals(json, "confidences", spec.Confidences);
        json.WriteNumber("days", spec.Days);
        json.WriteString("quantile_rule", spec.QuantileRule.Name());
        json.WriteNumber("window", spec.Window);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, StressSpec spec)
    {
        json.WriteStartObject("stress");
        json.WriteBoolean("all_crises", spec.AllCrises);
        Strings(json, "crises", spec.Crises);
        Strings(json, "factor_classes", FactorClasses.Spelled(spec.FactorClasses));
        json.WriteStartArray("ladders");
        foreach (var ladder in spec.Ladders)
        {
            json.WriteStartObject();
            Numbers(json, "moves", ladder.Moves);
            json.WriteString("selector", ladder.Selector);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (spec.Matrix is { } matrix)
        {
            json.WriteStartObject("matrix");
            json.WriteString("selector", matrix.Selector);
            Numbers(json, "spot_moves", matrix.SpotMoves);
            Numbers(json, "volatility_moves", matrix.VolatilityMoves);
            json.WriteEndObject();
        }

        json.WriteString("scenarios_json", spec.ScenariosJson);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, VarSpec spec)
    {
        json.WriteStartObject("var");
        Decimals(json, "confidences", spec.Confidences);
        json.WriteNumber("contributors", spec.Contributors);
        json.WriteBoolean("decompose", spec.Decompose);
        Strings(json, "factor_classes", FactorClasses.Spelled(spec.FactorClasses));
        if (spec.Method is HistoricalMethod historical)
            Write(json, historical);
        json.WriteStartArray("horizons_days");
        foreach (var days in spec.HorizonsDays)
            json.WriteNumberValue(days);
        json.WriteEndArray();
        json.WriteBoolean("incremental", spec.Incremental);
        json.WriteString("interval_confidence", Exact(spec.IntervalConfidence));
        if (spec.Method is MonteCarloMethod draws)
            Write(json, draws);
        if (spec.Method is ParametricMethod parametric)
        {
            json.WriteStartObject("parametric");
            DecayAndFrom(json, parametric);
            json.WriteString("to", Day(parametric.To));
            json.WriteEndObject();
        }

        json.WriteString("quantile_rule", spec.QuantileRule.Name());
        Decimals(json, "z", spec.Z);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, HistoricalMethod method)
    {
        json.WriteStartObject("historical");
        DecayAndFrom(json, method);
        if (method.HullWhite is { } filter)
        {
            json.WriteStartObject("hull_white");
            json.WriteNumber("decay", filter.Decay);
            json.WriteNumber("warm_up", filter.WarmUp);
            json.WriteEndObject();
        }

        json.WriteString("to", Day(method.To));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MonteCarloMethod method)
    {
        json.WriteStartObject("monte_carlo");
        json.WriteBoolean("antithetic", method.Antithetic);
        if (method.Decay is { } decay)
            json.WriteNumber("decay", decay);
        json.WriteNumber("degrees_of_freedom", method.DegreesOfFreedom);
        json.WriteString("from", Day(method.From));
        json.WriteNumber("paths", method.Paths);
        json.WriteNumber("seed", method.Seed);
        json.WriteString("to", Day(method.To));
        json.WriteEndObject();
    }

    private static void DecayAndFrom(Utf8JsonWriter json, VarMethod method)
    {
        if (method.Decay is { } decay)
            json.WriteNumber("decay", decay);
        json.WriteString("from", Day(method.From));
    }

    private static void Decimals(Utf8JsonWriter json, string name, ImmutableArray<decimal> values) => Strings(json, name, values.Select(Exact));

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void Numbers(Utf8JsonWriter json, string name, ImmutableArray<double> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    private static string Exact(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Day(LocalDate? date) => date is { } day ? LocalDatePattern.Iso.Format(day) : string.Empty;
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Runs;

/// <summary>Specs from the wire; the rules are those of <see cref="RunSpecRules"/>.</summary>
internal static class RunSpecMapping
{
    /// <summary>The spec, checked and complete.</summary>
    /// <exception cref="ValidationException">A field breaks its rule; named as in the proto, below <c>spec</c>.</exception>
    public static RunSpec FromWire(Wire.RunSpec? wire)
    {
        if (wire is null)
            throw new ValidationException("spec", "it is missing: say what to compute");
        try
        {
            return new RunSpec(wire.Path.Length == 0 ? "/" : wire.Path, Kind(wire))
            {
                Market = wire.Market.Length == 0 ? SiloServices.DefaultMarket : wire.Market,
                SnapshotHash = wire.SnapshotHash,
                DeadlineSeconds = wire.DeadlineSeconds,
                ScenariosPerShard = Int(wire.ScenariosPerShard),
            }.Normalised();
        }
        catch (ValidationException e)
        {
            throw new ValidationException(e.Field == "spec" ? e.Field : "spec." + e.Field, e.Reason);
        }
    }

    /// <summary>The wire form of a complete spec, without what changes no number.</summary>
    public static Wire.RunSpec ToWire(RunSpec spec)
    {
        // The spec's canonical JSON has the field names of the proto; only the rules are spelled otherwise.
        var json = JsonNode.Parse(spec.ToNumbersJson())!.AsObject();
        foreach (var kind in json.Select(f => f.Value).OfType<JsonObject>())
        {
            if (kind["quantile_rule"]?.GetValue<string>() is { } name && QuantileRules.TryParse(name, out var rule))
                kind["quantile_rule"] = (int)rule + 1;
        }

        return CanonicalJson.Read<Wire.RunSpec>(json.ToJsonString());
    }

    private static RunKind Kind(Wire.RunSpec wire) => wire.KindCase switch
    {
        Wire.RunSpec.KindOneofCase.Pin => new PinSpec(),
        Wire.RunSpec.KindOneofCase.Var => Var(wire.Var),
        Wire.RunSpec.KindOneofCase.Stress => Stress(wire.Stress),
        Wire.RunSpec.KindOneofCase.Explain => new ExplainSpec(wire.Explain.FromRun, wire.Explain.ToRun),
        Wire.RunSpec.KindOneofCase.Backtest => new BacktestSpec
        {
            Days = Int(wire.Backtest.Days),
            Window = Int(wire.Backtest.Window),
            Confidences = Decimals("backtest.confidences", wire.Backtest.Confidences),
            QuantileRule = Rule("backtest.quantile_rule", wire.Backtest.QuantileRule),
        },
        _ => throw new ValidationException("spec", "it says nothing to compute: give one of pin, var, stress, explain, backtest"),
    };

    private static VarSpec Var(Wire.VarSpec wire) => new(Method(wire))
    {
        Confidences = Decimals("var.confidences", wire.Confidences),
        QuantileRule = Rule("var.quantile_rule", wire.QuantileRule),
        HorizonsDays = [.. wire.HorizonsDays.Select(Int)],
        IntervalConfidence = wire.IntervalConfidence.Length == 0 ? 0 : Decimal("var.interval_confidence", wire.IntervalConfidence),
        Decompose = wire.Decompose,
        FactorClasses = Classes("var.factor_classes", wire.FactorClasses),
        Incremental = wire.Incremental,
        Contributors = Int(wire.Contributors),
        Z = Decimals("var.z", wire.Z),
    };

    private static VarMethod Method(Wire.VarSpec wire) => wire.MethodCase switch
    {
        Wire.VarSpec.MethodOneofCase.Historical => new HistoricalMethod
        {
            From = Day("var.historical.from", wire.Historical.From),
            To = Day("var.historical.to", wire.Historical.To),
            Decay = wire.Historical.HasDecay ? wire.Historical.Decay : null,
            HullWhite = wire.Historical.HullWhite is { } filter ? new HullWhiteSpec(filter.Decay, Int(filter.WarmUp)) : null,
        },
        Wire.VarSpec.MethodOneofCase.MonteCarlo => new MonteCarloMethod(Int(wire.MonteCarlo.Paths), wire.MonteCarlo.Seed)
        {
            From = Day("var.monte_carlo.from", wire.MonteCarlo.From),
            To = Day("var.monte_carlo.to", wire.MonteCarlo.To),
            Decay = wire.MonteCarlo.HasDecay ? wire.MonteCarlo.Decay : null,
            DegreesOfFreedom = Int(wire.MonteCarlo.DegreesOfFreedom),
            Antithetic = wire.MonteCarlo.Antithetic,
        },
        Wire.VarSpec.MethodOneofCase.Parametric => new ParametricMethod
        {
            From = Day("var.parametric.from", wire.Parametric.From),
            To = Day("var.parametric.to", wire.Parametric.To),
            Decay = wire.Parametric.HasDecay ? wire.Parametric.Decay : null,
        },
        _ => throw new ValidationException("var.method", "it is missing: give one of historical, monte_carlo, parametric"),
    };

    private static StressSpec Stress(Wire.StressSpec wire) => new()
    {
        Crises = [.. wire.Crises],
        AllCrises = wire.AllCrises,
        ScenariosJson = wire.ScenariosJson,
        Ladders = [.. wire.Ladders.Select(l => new LadderSpec(l.Selector, [.. l.Moves]))],
        Matrix = wire.Matrix is { } m ? new SpotVolatilityMatrixSpec([.. m.SpotMoves], [.. m.VolatilityMoves], m.Selector) : null,
        FactorClasses = Classes("stress.factor_classes", wire.FactorClasses),
    };

    // Beyond the range of an int every limit is broken: the rules say so.
    private static int Int(uint value) => (int)Math.Min(value, int.MaxValue);

    private static FactorClassMask Classes(string field, IEnumerable<string> names)
    {
        var classes = FactorClassMask.None;
        foreach (var name in names)
        {
            try
            {
                classes |= FactorClasses.Parse(name);
            }
            catch (ValidationException e)
            {
                throw new ValidationException(field, e.Reason);
            }
        }

        return classes;
    }

    private static QuantileRule Rule(string field, Wire.QuantileRule rule) => rule switch
    {
        Wire.QuantileRule.Unspecified or Wire.QuantileRule.Floor => QuantileRule.Floor,
        Wire.QuantileRule.Linear => QuantileRule.Linear,
        Wire.QuantileRule.HarrellDavis => QuantileRule.HarrellDavis,
        _ => throw new ValidationException(field, $"{(int)rule} is none of {string.Join(", ", QuantileRules.Names)}"),
    };

    private static ImmutableArray<decimal> Decimals(string field, IEnumerable<string> texts) => [.. texts.Select(t => Decimal(field, t))];

    private static decimal Decimal(string field, string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new ValidationException(field, $"'{text}' is not an exact decimal such as 0.99");

    private static LocalDate? Day(string field, string text)
    {
        if (text.Length == 0)
            return null;
        return LocalDatePattern.Iso.Parse(text) is { Success: true } day
            ? day.Value
            : throw new ValidationException(field, $"'{text}' is not a day such as 2008-10-15");
    }
}

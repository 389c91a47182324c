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
            // What cannot be read is named together; the rules speak of what can.
            var all = new ValidationList();
            var spec = new RunSpec(wire.Path.Length == 0 ? "/" : wire.Path, Kind(all, wire)!)
            {
                Market = wire.Market.Length == 0 ? SiloServices.DefaultMarket : wire.Market,
                SnapshotHash = wire.SnapshotHash,
                DeadlineSeconds = wire.DeadlineSeconds,
                ScenariosPerShard = Int(wire.ScenariosPerShard),
            };
            all.Close();
            return spec.Normalised();
        }
        catch (ValidationException e)
        {
            throw new ValidationException([.. e.All.Select(f => new ValidationException(f.Field == "spec" ? f.Field : "spec." + f.Field, f.Reason))]);
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

    private static RunKind? Kind(ValidationList all, Wire.RunSpec wire) => wire.KindCase switch
    {
        Wire.RunSpec.KindOneofCase.Pin => new PinSpec(),
        Wire.RunSpec.KindOneofCase.Var => Var(all, wire.Var),
        Wire.RunSpec.KindOneofCase.Stress => Stress(all, wire.Stress),
        Wire.RunSpec.KindOneofCase.Explain => new ExplainSpec(wire.Explain.FromRun, wire.Explain.ToRun),
        Wire.RunSpec.KindOneofCase.Backtest => new BacktestSpec
        {
            Days = Int(wire.Backtest.Days),
            Window = Int(wire.Backtest.Window),
            Confidences = Decimals(all, "backtest.confidences", wire.Backtest.Confidences),
            QuantileRule = Rule(all, "backtest.quantile_rule", wire.Backtest.QuantileRule),
        },
        _ => Missing<RunKind>(all, "spec", "it says nothing to compute: give one of pin, var, stress, explain, backtest"),
    };

    private static VarSpec Var(ValidationList all, Wire.VarSpec wire) => new(Method(all, wire)!)
    {
        Confidences = Decimals(all, "var.confidences", wire.Confidences),
        QuantileRule = Rule(all, "var.quantile_rule", wire.QuantileRule),
        HorizonsDays = [.. wire.HorizonsDays.Select(Int)],
        IntervalConfidence = wire.IntervalConfidence.Length == 0 ? 0 : Decimal(all, "var.interval_confidence", wire.IntervalConfidence),
        Decompose = wire.Decompose,
        FactorClasses = Classes(all, "var.factor_classes", wire.FactorClasses),
        Incremental = wire.Incremental,
        Contributors = Int(wire.Contributors),
        Z = Decimals(all, "var.z", wire.Z),
    };

    private static VarMethod? Method(ValidationList all, Wire.VarSpec wire) => wire.MethodCase switch
    {
        Wire.VarSpec.MethodOneofCase.Historical => new HistoricalMethod
        {
            From = Day(all, "var.historical.from", wire.Historical.From),
            To = Day(all, "var.historical.to", wire.Historical.To),
            Decay = wire.Historical.HasDecay ? wire.Historical.Decay : null,
            HullWhite = wire.Historical.HullWhite is { } filter ? new HullWhiteSpec(filter.Decay, Int(filter.WarmUp)) : null,
        },
        Wire.VarSpec.MethodOneofCase.MonteCarlo => new MonteCarloMethod(Int(wire.MonteCarlo.Paths), wire.MonteCarlo.Seed)
        {
            From = Day(all, "var.monte_carlo.from", wire.MonteCarlo.From),
            To = Day(all, "var.monte_carlo.to", wire.MonteCarlo.To),
            Decay = wire.MonteCarlo.HasDecay ? wire.MonteCarlo.Decay : null,
            DegreesOfFreedom = Int(wire.MonteCarlo.DegreesOfFreedom),
            Antithetic = wire.MonteCarlo.Antithetic,
        },
        Wire.VarSpec.MethodOneofCase.Parametric => new ParametricMethod
        {
            From = Day(all, "var.parametric.from", wire.Parametric.From),
            To = Day(all, "var.parametric.to", wire.Parametric.To),
            Decay = wire.Parametric.HasDecay ? wire.Parametric.Decay : null,
        },
        _ => Missing<VarMethod>(all, "var.method", "it is missing: give one of historical, monte_carlo, parametric"),
    };

    private static StressSpec Stress(ValidationList all, Wire.StressSpec wire) => new()
    {
        Crises = [.. wire.Crises],
        AllCrises = wire.AllCrises,
        ScenariosJson = wire.ScenariosJson,
        Ladders = [.. wire.Ladders.Select(l => new LadderSpec(l.Selector, [.. l.Moves]))],
        Matrix = wire.Matrix is { } m ? new SpotVolatilityMatrixSpec([.. m.SpotMoves], [.. m.VolatilityMoves], m.Selector) : null,
        FactorClasses = Classes(all, "stress.factor_classes", wire.FactorClasses),
    };

    // Beyond the range of an int every limit is broken: the rules say so.
    private static int Int(uint value) => (int)Math.Min(value, int.MaxValue);

    private static T? Missing<T>(ValidationList all, string field, string reason)
        where T : class
    {
        all.Refuse(field, reason);
        return null;
    }

    private static FactorClassMask Classes(ValidationList all, string field, IEnumerable<string> names)
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
                all.Refuse(field, e.Reason);
            }
        }

        return classes;
    }

    private static QuantileRule Rule(ValidationList all, string field, Wire.QuantileRule rule)
    {
        switch (rule)
        {
            case Wire.QuantileRule.Unspecified or Wire.QuantileRule.Floor:
                return QuantileRule.Floor;
            case Wire.QuantileRule.Linear:
                return QuantileRule.Linear;
            case Wire.QuantileRule.HarrellDavis:
                return QuantileRule.HarrellDavis;
            default:
                all.Refuse(field, $"{(int)rule} is none of {string.Join(", ", QuantileRules.Names)}");
                return QuantileRule.Floor;
        }
    }

    private static ImmutableArray<decimal> Decimals(ValidationList all, string field, IEnumerable<string> texts) => [.. texts.Select(t => Decimal(all, field, t))];

    private static decimal Decimal(ValidationList all, string field, string text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            all.Refuse(field, $"'{text}' is not an exact decimal such as 0.99");
        return value;
    }

    private static LocalDate? Day(ValidationList all, string field, string text)
    {
        if (text.Length == 0)
            return null;
        if (LocalDatePattern.Iso.Parse(text) is { Success: true } day)
            return day.Value;
        all.Refuse(field, $"'{text}' is not a day such as 2008-10-15");
        return null;
    }
}

using System.CommandLine;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Runs;

/// <summary>The options of a value at risk, and the spec that they make. What is left out is left to the server's defaults.</summary>
internal sealed class VarOptions
{
    private const string Historical = "historical";
    private const string MonteCarlo = "monte-carlo";
    private const string Parametric = "parametric";

    // As many as give the 99 % quantile to about one percent, in seconds.
    private const uint DefaultPaths = 100_000;
    private const ulong DefaultSeed = 1;

    private readonly Option<string> _method = new Option<string>("--method")
    {
        Description = "Full revaluation of the history's days, of drawn moves, or deltas and gammas with normal moves.",
        DefaultValueFactory = _ => Historical,
    }.AcceptOnlyFromAmong(Historical, MonteCarlo, Parametric);

    private readonly Option<string[]> _confidence = Many("--confidence", "Confidences, exact decimals: 0.975,0.99 unless named.");
    private readonly Option<string[]> _horizon = Many("--horizon", "Days, 1 unless named: 1,10 gives both.");
    private readonly Option<string> _quantile = RunOptions.Quantile();
    private readonly Option<string?> _interval = new("--interval") { Description = "Confidence of the interval around each quantile (monte-carlo); 0.95 unless named." };
    private readonly Option<string?> _window = new("--window") { Description = "FROM..TO: only moves that end on these days, e.g. 2008-01-01..2009-12-31 for a stressed VaR." };
    private readonly Option<double?> _decay = new("--decay") { Description = "A day weighs so much of the day after it, e.g. 0.97; equal weights unless named." };
    private readonly Option<string?> _hullWhite = new("--hull-white") { Description = "DECAY,WARMUP: scale each move by today's volatility over that of its day (historical)." };
    private readonly Option<uint?> _paths = new("--paths") { Description = "Drawn moves (monte-carlo); 100000 unless named." };
    private readonly Option<ulong?> _seed = new("--seed") { Description = "The same seed draws the same moves (monte-carlo); 1 unless named." };
    private readonly Option<uint?> _studentT = new("--student-t") { Description = "Draw from Student's t with so many degrees of freedom instead of the normal (monte-carlo)." };
    private readonly Option<bool> _antithetic = new("--antithetic") { Description = "Draw pairs of opposite moves (monte-carlo)." };
    private readonly Option<string[]> _z = Many("--z", "Standard normal quantiles in place of confidences, e.g. 1.65 (parametric).");
    private readonly Option<bool> _decompose = new("--decompose") { Description = "Components of every node's risk by child; parametric also by factor class." };
    private readonly Option<string[]> _classes = RunOptions.FactorClasses();
    private readonly Option<bool> _incremental = new("--incremental") { Description = "Every node's risk with and without each child (not parametric)." };
    private readonly Option<uint> _contributors = new("--contributors") { Description = "How many trades to name, those with the largest part in the risk first (not parametric)." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_method, _confidence, _horizon, _quantile, _interval, _window, _decay, _hullWhite, _paths, _seed, _studentT, _antithetic, _z, _decompose, _classes, _incremental, _contributors])
            command.Add(option);
    }

    /// <summary>The spec that the options ask for.</summary>
    /// <exception cref="UsageException">An option has a wrong form or does not go with the method.</exception>
    public VarSpec Build(ParseResult parsed)
    {
        var spec = new VarSpec
        {
            QuantileRule = RunOptions.QuantileRule(parsed, _quantile),
            Decompose = parsed.GetValue(_decompose),
            Incremental = parsed.GetValue(_incremental),
            Contributors = parsed.GetValue(_contributors),
        };
        spec.Confidences.Add(OptionText.Probabilities(_confidence.Name, parsed.GetValue(_confidence)));
        spec.HorizonsDays.Add(OptionText.Counts(_horizon.Name, parsed.GetValue(_horizon)));
        spec.FactorClasses.Add(OptionText.List(parsed.GetValue(_classes)));
        spec.Z.Add(OptionText.Decimals(_z.Name, parsed.GetValue(_z)));
        if (parsed.GetValue(_interval) is { } interval)
            spec.IntervalConfidence = OptionText.Probabilities(_interval.Name, [interval]).FirstOrDefault("");
        var (from, to) = parsed.GetValue(_window) is { } window ? OptionText.Window(_window.Name, window) : ("", "");
        var decay = parsed.GetValue(_decay);
        switch (parsed.GetRequiredValue(_method))
        {
            case MonteCarlo:
                Refuse(parsed, MonteCarlo, _hullWhite, _z);
                spec.MonteCarlo = new MonteCarloMethod
                {
                    Paths = parsed.GetValue(_paths) ?? DefaultPaths,
                    Seed = parsed.GetValue(_seed) ?? DefaultSeed,
                    DegreesOfFreedom = parsed.GetValue(_studentT) ?? 0,
                    Antithetic = parsed.GetValue(_antithetic),
                    From = from,
                    To = to,
                };
                if (decay is { } weight)
                    spec.MonteCarlo.Decay = weight;
                break;
            case Parametric:
                Refuse(parsed, Parametric, _hullWhite, _paths, _seed, _studentT, _antithetic, _quantile, _interval, _classes, _incremental, _contributors);
                spec.Parametric = new ParametricMethod { From = from, To = to };
                if (decay is { } factor)
                    spec.Parametric.Decay = factor;
                break;
            default:
                Refuse(parsed, Historical, _paths, _seed, _studentT, _antithetic, _interval, _z);
                spec.Historical = new HistoricalMethod { From = from, To = to };
                if (decay is { } share)
                    spec.Historical.Decay = share;
                if (parsed.GetValue(_hullWhite) is { } filter)
                    spec.Historical.HullWhite = OptionText.HullWhite(_hullWhite.Name, filter);
                break;
        }

        return spec;
    }

    // An option without effect would be believed to have one.
    private static void Refuse(ParseResult parsed, string method, params Option[] options)
    {
        foreach (var option in options)
        {
            if (parsed.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} has no meaning with --method {method}");
        }
    }

    private static Option<string[]> Many(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.OneOrMore };
}

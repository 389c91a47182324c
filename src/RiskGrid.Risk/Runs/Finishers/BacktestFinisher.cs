using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk.Runs;

/// <summary>What a backtest is asked for.</summary>
/// <param name="Days">D, the last entries of the vector that are tested.</param>
/// <param name="Window">W, the entries before each that give its forecasts.</param>
/// <param name="Confidences">The confidences.</param>
/// <param name="Rule">The quantile rule.</param>
public sealed record BacktestOptions(int Days, int Window, ImmutableArray<decimal> Confidences, QuantileRule Rule);

/// <summary>A day whose loss was beyond the value at risk.</summary>
/// <param name="Scenario">Number of the vector's entry.</param>
/// <param name="Loss">The day's loss.</param>
/// <param name="ValueAtRisk">What had been forecast.</param>
public sealed record BacktestException(int Scenario, double Loss, double ValueAtRisk);

/// <summary>The backtest of one node at one confidence.</summary>
/// <param name="Confidence">q.</param>
/// <param name="Observations">Days tested.</param>
/// <param name="ExpectedExceptions">(1 − q)·days.</param>
/// <param name="Exceptions">Days whose loss was beyond the value at risk, in time order.</param>
/// <param name="Kupiec">Proportion of failures.</param>
/// <param name="Independence">Christoffersen's test of independence.</param>
/// <param name="ConditionalCoverage">Both together.</param>
/// <param name="TrafficLight">The Basel Committee's zones.</param>
/// <param name="Shortfall">Acerbi and Székely's tests; null when a forecast of the shortfall is not above zero: the node gained in every
/// scenario of a window, or did not move.</param>
public sealed record BacktestMeasure(
    decimal Confidence,
    int Observations,
    double ExpectedExceptions,
    ImmutableArray<BacktestException> Exceptions,
    LikelihoodRatio Kupiec,
    LikelihoodRatio Independence,
    LikelihoodRatio ConditionalCoverage,
    TrafficLight TrafficLight,
    ShortfallBacktest? Shortfall);

/// <summary>The backtests of one node.</summary>
/// <param name="Node">Index of the node.</param>
/// <param name="IsEmpty">True when the node holds no trade.</param>
/// <param name="Failure">Why there are no numbers; null when there are.</param>
/// <param name="Measures">One per confidence.</param>
public sealed record NodeBacktest(int Node, bool IsEmpty, string? Failure, ImmutableArray<BacktestMeasure> Measures);

/// <summary>Backtests frozen positions: the value at risk and expected shortfall of the W entries of a node's vector before entry t against
/// entry t, for the last D entries. Pure functions, thread-safe; nodes may be finished on any threads.</summary>
/// <remarks>Entries are one-day moves of the history in time order, equally weighted. With the positions frozen this tests the scenarios and
/// the quantile, not the trading: P. Jorion, Value at Risk (3rd edition 2007), section 6.1 (hypothetical returns).</remarks>
public static class BacktestFinisher
{
    /// <summary>The fewest days: independence compares one with the next.</summary>
    public const int LeastDays = 2;

    /// <summary>The shortest window.</summary>
    public const int LeastWindow = 2;

    /// <summary>One node.</summary>
    /// <param name="tails">Whole vectors of one-day moves in time order.</param>
    /// <param name="bases">What the nodes hold.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="node">Index of the node.</param>
    /// <exception cref="ValidationException">The history is too short for the days and the window; the message says for what it suffices.</exception>
    /// <exception cref="ArgumentException">The vectors are not whole.</exception>
    public static NodeBacktest Node(RunTails tails, NodeBases bases, BacktestOptions options, int node)
    {
        var plan = tails.Plan;
        if (!plan.IsWhole)
            throw new ArgumentException($"a backtest needs whole vectors, not the {plan.Depth} largest losses of {plan.Scenarios}", nameof(tails));
        RequireHistory(plan.Scenarios, options.Days, options.Window);
        var isEmpty = bases.Trades[node] == 0;
        if (tails.Pnl(node) is not { } pnl)
            return new NodeBacktest(node, isEmpty, tails[plan.VectorOf(node)].Failure, []);
        var weights = options.Confidences.Select(q => TailWeights.Of(options.Window, q, options.Rule)).ToImmutableArray();
        var forecasts = RollingForecasts.Of(pnl.AsSpan(), options.Days, options.Window, weights);
        var tested = pnl.AsSpan()[^options.Days..].ToArray();
        return new NodeBacktest(
            node, isEmpty, Failure: null, [.. forecasts.Select((f, q) => Measure(tested, f, options.Confidences[q], plan.Scenarios - options.Days))]);
    }

    /// <summary>The P&amp;L attribution test: the P&amp;L that a node's sensitivities make of the moves against full revaluation, over the last
    /// days.</summary>
    /// <param name="tails">Whole vectors of the moves.</param>
    /// <param name="node">Index of the node.</param>
    /// <param name="sensitivities">The node's sensitivities, of factors that all drive the scenarios.</param>
    /// <param name="scenarios">The moves.</param>
    /// <param name="days">How many of the last entries are compared.</param>
    /// <returns>Null when the node's vector failed, or a P&amp;L from sensitivities is beyond the range of double precision.</returns>
    /// <exception cref="ArgumentException">A factor does not drive the scenarios, or there are not so many entries.</exception>
    public static PnlAttribution? Attribution(RunTails tails, int node, FactorSensitivities sensitivities, ScenarioSet scenarios, int days)
    {
        if (days < 1 || days > scenarios.Count || scenarios.Count != tails.Plan.Scenarios)
            throw new ArgumentException($"{days} days cannot be compared: the vectors hold {tails.Plan.Scenarios} entries, the set {scenarios.Count}", nameof(days));
        if (tails.Pnl(node) is not { } pnl)
            return null;
        var drivers = sensitivities.Factors.Select(scenarios.DriverIndex).ToArray();
        if (Array.FindIndex(drivers, d => d < 0) is var missing and >= 0)
            throw new ArgumentException($"{sensitivities.Factors[missing]} does not drive the scenarios", nameof(sensitivities));
        var block = scenarios.Block(scenarios.Count - days, days);
        var theoretical = new double[days];
        var move = new double[drivers.Length];
        for (var s = 0; s < days; s++)
        {
            for (var d = 0; d < move.Length; d++)
                move[d] = block.Moves(drivers[d])[s];
            theoretical[s] = sensitivities.Pnl(move);
            if (!double.IsFinite(theoretical[s]))
                return null;
        }

        return PnlAttribution.Of(pnl.AsSpan()[^days..], theoretical);
    }

    /// <summary>Refuses days that have not enough entries before them.</summary>
    /// <exception cref="ValidationException">The history is too short.</exception>
    public static void RequireHistory(int scenarios, int days, int window)
    {
        if (days < LeastDays || window < LeastWindow)
            throw new ValidationException("backtest.days", $"at least {LeastDays} days and a window of {LeastWindow} are needed");
        if ((long)days + window <= scenarios)
            return;
        var most = Math.Max(0, scenarios - window);
        throw new ValidationException(
            "backtest.days",
            $"{days} days with {window} entries before each need {(long)days + window} valid days of history; there are {scenarios}, which serve {most}");
    }

    private static BacktestMeasure Measure(double[] pnl, RollingForecasts forecast, decimal confidence, int first)
    {
        var probability = (double)(1 - confidence);
        var exceptions = ImmutableArray.CreateBuilder<BacktestException>();
        var series = new bool[pnl.Length];
        for (var t = 0; t < pnl.Length; t++)
        {
            var loss = 0.0 - pnl[t];
            series[t] = loss > forecast.ValueAtRisk[t];
            if (series[t])
                exceptions.Add(new BacktestException(first + t, loss, forecast.ValueAtRisk[t]));
        }

        var coverage = ExceptionTests.Kupiec(pnl.Length, exceptions.Count, probability);
        var independence = ExceptionTests.Independence(ExceptionTransitions.Of(series));
        return new BacktestMeasure(
            confidence,
            pnl.Length,
            (double)((1 - confidence) * pnl.Length),
            exceptions.ToImmutable(),
            coverage,
            independence,
            ExceptionTests.ConditionalCoverage(coverage, independence),
            TrafficLight.Of(pnl.Length, exceptions.Count, probability),
            Array.TrueForAll(forecast.Shortfall, s => s > 0) ? ShortfallBacktest.Of(pnl, forecast.ValueAtRisk, forecast.Shortfall, probability) : null);
    }
}

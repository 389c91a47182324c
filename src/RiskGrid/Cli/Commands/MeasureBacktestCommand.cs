using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RiskGrid.Cli.NumberFiles;
using RiskGrid.Risk;
using Spectre.Console;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid measure backtest</c></summary>
internal static class MeasureBacktestCommand
{
    public static Command Create()
    {
        var counts = new Option<string?>("--counts") { Description = "N,EXCEPTIONS,P: days, exceptions, probability of one (1 - confidence). For Kupiec's test and the traffic light." };
        var transitions = new Option<string?>("--transitions") { Description = "N00,N01,N10,N11: how many days followed which (1 is an exception). For Christoffersen's tests." };
        var exceptions = new Option<string?>("--exceptions") { Description = "CSV with one column of 0 and 1 in time order, under a header. For all tests, the coverage ones with --probability." };
        var probability = new Option<string?>("--probability") { Description = "The probability of an exception, 1 - confidence, with --transitions and --exceptions. Without it only independence is tested." };
        var json = CommonOptions.Json();
        var command = new Command("backtest", "Tests the exceptions of a value at risk: Kupiec, Christoffersen, the Basel traffic light; each with its p-value.")
        {
            counts, transitions, exceptions, probability, json,
        };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            token =>
            {
                var result = Result.Of(parsed.GetValue(counts), parsed.GetValue(transitions), parsed.GetValue(exceptions), parsed.GetValue(probability));
                if (parsed.GetValue(json))
                    Terminal.WriteJson(result.ToJson());
                else
                    result.Show();
                return Task.FromResult(CommandLine.Done);
            },
            cancel));
        return command;
    }

    private sealed record Result(long Observations, long Exceptions, double? Probability, ExceptionTransitions? Transitions)
    {
        public static Result Of(string? counts, string? transitions, string? exceptions, string? probability)
        {
            var given = (counts is null ? 0 : 1) + (transitions is null ? 0 : 1) + (exceptions is null ? 0 : 1);
            if (given == 0)
                throw new UsageException("one of --counts, --transitions and --exceptions is needed");
            if (given > 1)
                throw new UsageException("--counts, --transitions and --exceptions exclude each other");
            if (counts is not null && probability is not null)
                throw new UsageException("--counts brings its own probability: leave --probability out");
            if (counts is not null)
                return OfCounts(counts);
            double? p = probability is null ? null : MeasureCommand.Probability("--probability", probability);
            return transitions is not null ? OfTransitions(transitions, p) : OfFile(exceptions!, p);
        }

        private LikelihoodRatio? Kupiec => Probability is { } p ? ExceptionTests.Kupiec(Observations, Exceptions, p) : null;

        private LikelihoodRatio? Independence => Transitions is { } days ? ExceptionTests.Independence(days) : null;

        private LikelihoodRatio? ConditionalCoverage => Kupiec is { } coverage && Independence is { } independence
            ? ExceptionTests.ConditionalCoverage(coverage, independence)
            : null;

        private TrafficLight? Light => Probability is { } p ? TrafficLight.Of(Observations, Exceptions, p) : null;

        public JsonObject ToJson() => new()
        {
            ["observations"] = Observations,
            ["exceptions"] = Exceptions,
            ["probability"] = Probability,
            ["transitions"] = Transitions is { } days
                ? new JsonObject
                {
                    ["n00"] = days.FromQuietToQuiet,
                    ["n01"] = days.FromQuietToException,
                    ["n10"] = days.FromExceptionToQuiet,
                    ["n11"] = days.FromExceptionToException,
                }
                : null,
            ["kupiec"] = Ratio(Kupiec),
            ["independence"] = Ratio(Independence),
            ["conditional_coverage"] = Ratio(ConditionalCoverage),
            ["traffic_light"] = Light is { } light
                ? new JsonObject
                {
                    ["zone"] = MeasureCommand.ZoneName(light.Zone, "yellow"),
                    ["cumulative_probability"] = light.CumulativeProbability,
                    ["p_value"] = light.ProbabilityOfAsMany,
                    ["multiplier_increase"] = light.MultiplierIncrease,
                }
                : null,
        };

        public void Show()
        {
            Terminal.WriteLine($"{Observations:N0} days, {Exceptions:N0} exceptions" + (Probability is { } p
                ? $" where {(Observations * p).ToString("#,0.##", CultureInfo.InvariantCulture)} are expected (p = {p.ToString("G6", CultureInfo.InvariantCulture)})"
                : "; give --probability to test how many they are"));
            var table = new Table().Border(TableBorder.Simple).AddColumn("test");
            foreach (var column in new[] { "statistic", "degrees of freedom", "p-value" })
                table.AddColumn(new TableColumn(column).RightAligned());
            Row("Kupiec, proportion of failures", Kupiec);
            Row("Christoffersen, independence", Independence);
            Row("Christoffersen, conditional coverage", ConditionalCoverage);
            if (table.Rows.Count > 0)
                Terminal.Out.Write(table);
            if (Independence is { IsDefined: false })
                Terminal.WriteLine("independence is not defined, and is taken as 0: no day follows an exception, or none a quiet day.");
            if (Light is { } light)
            {
                Terminal.WriteLine($"Basel traffic light: {MeasureCommand.ZoneName(light.Zone, "yellow")}; P(at most as many) = {light.CumulativeProbability:P4}, p-value P(at least as many) = {light.ProbabilityOfAsMany:0.000000}"
                    + (light.MultiplierIncrease is { } increase ? $", multiplier + {increase:0.00}" : string.Empty));
            }

            void Row(string name, LikelihoodRatio? tested)
            {
                if (tested is { } ratio)
                {
                    table.AddRow(
                        name + (ratio.IsDefined ? string.Empty : " (not defined)"),
                        ratio.Statistic.ToString("0.000000", CultureInfo.InvariantCulture),
                        ratio.DegreesOfFreedom.ToString(CultureInfo.InvariantCulture),
                        ratio.PValue.ToString("0.000000", CultureInfo.InvariantCulture));
                }
            }
        }

        private static Result OfCounts(string text)
        {
            var items = MeasureCommand.Items("--counts", text);
            if (items.Length != 3)
                throw new UsageException($"--counts: '{text}' is not N,EXCEPTIONS,P such as 1043,57,0.05");
            var (observations, exceptions) = (Count("--counts", items[0]), Count("--counts", items[1]));
            if (observations == 0 || exceptions > observations)
                throw new UsageException($"--counts: {exceptions} exceptions in {observations} days are not possible");
            return new Result(observations, exceptions, MeasureCommand.Probability("--counts", items[2]), null);
        }

        // The days that follow another: the first day of a series is not among them.
        private static Result OfTransitions(string text, double? probability)
        {
            var items = MeasureCommand.Items("--transitions", text);
            if (items.Length != 4)
                throw new UsageException($"--transitions: '{text}' is not N00,N01,N10,N11 such as 932,53,53,4");
            var n = items.Select(i => Count("--transitions", i)).ToArray();
            if (n.All(c => c == 0))
                throw new UsageException("--transitions: all counts are zero; at least one day must follow another");
            return new Result(n[0] + n[1] + n[2] + n[3], n[1] + n[3], probability, new ExceptionTransitions(n[0], n[1], n[2], n[3]));
        }

        private static Result OfFile(string path, double? probability)
        {
            var file = NumberFile.Read(path, 0);
            if (file.Columns.Count != 1)
                throw new InvalidDataException($"{path}, line 1, header: it names {file.Columns.Count} columns and must name one");
            if (file.Rows.FirstOrDefault(r => r.Numbers[0] is not (0 or 1)) is { } wrong)
                throw file.Refusal(wrong, file.Columns[0], $"{wrong.Numbers[0]:R} is neither 0 nor 1");
            bool[] series = [.. file.Rows.Select(r => r.Numbers[0] == 1)];
            return new Result(series.Length, series.Count(e => e), probability, series.Length > 1 ? ExceptionTransitions.Of(series) : null);
        }

        private static long Count(string option, string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 1_000_000_000
            ? count
            : throw new UsageException($"{option}: '{text}' is not a count of days, zero or above");

        private static JsonObject? Ratio(LikelihoodRatio? tested) => tested is not { } ratio ? null : new JsonObject
        {
            ["statistic"] = ratio.Statistic,
            ["degrees_of_freedom"] = ratio.DegreesOfFreedom,
            ["p_value"] = ratio.PValue,
            ["defined"] = ratio.IsDefined,
        };
    }
}

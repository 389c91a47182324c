using System.CommandLine;
using System.Globalization;
using RiskGrid.Cli.NumberFiles;
using RiskGrid.Cli.Output;
using RiskGrid.Cli.Plots;
using RiskGrid.Risk;
using Spectre.Console;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid measure delta-gamma</c></summary>
internal static class MeasureDeltaGammaCommand
{
    // A picture of bars: the largest by size, and the rest in one.
    private const int MostBars = 30;

    public static Command Create()
    {
        var deltas = new Option<string>("--deltas") { Description = "CSV factor,value: P&L per unit of each factor's move.", Required = true };
        var gammas = new Option<string?>("--gammas") { Description = "CSV factor1,factor2,value: second derivatives; one given off-diagonal element stands for both. None without it." };
        var covariance = new Option<string>("--covariance") { Description = "CSV factor1,factor2,value: covariance of the moves over the horizon.", Required = true };
        var confidence = new Option<string?>("--confidence") { Description = "Confidences, separated by commas. [default: 0.95,0.99]" };
        var z = new Option<string?>("--z") { Description = "Numbers of standard deviations in place of confidences, e.g. 1.65." };
        var plot = new Option<string?>("--plot") { Description = "Write the delta-normal component VaR by factor, at the last level, as an SVG file." };
        var json = CommonOptions.Json();
        var command = new Command("delta-gamma", "Parametric VaR of P&L = δ'x + ½x'Γx: delta-normal, delta-gamma-normal, Cornish-Fisher, exact; component VaR by factor. Positive is a loss.")
        {
            deltas, gammas, covariance, confidence, z, plot, json,
        };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var levels = Levels(parsed.GetValue(confidence), parsed.GetValue(z));
                var files = SensitivityFiles.Read(parsed.GetRequiredValue(deltas), parsed.GetValue(gammas), parsed.GetRequiredValue(covariance));
                var portfolio = new DeltaGamma(files.Delta, files.Gamma, files.Covariance);
                if (!portfolio.IsCovariance)
                    throw new InvalidDataException(Contradiction(parsed.GetRequiredValue(covariance), files.Factors, portfolio));
                var results = levels.Select(level => (Level: level, Exact: portfolio.Exact(level))).ToList();
                if (parsed.GetValue(plot) is { } picture)
                {
                    PlotFile.RequireFolder(picture);
                    await PlotFile.SaveAsync(picture, Plot(files.Factors, portfolio, levels[^1]), token);
                }

                if (parsed.GetValue(json))
                    Terminal.WriteJson(DeltaGammaJson.Of(files, portfolio, results));
                else
                    Show(files, portfolio, results);
                return CommandLine.Done;
            },
            cancel));
        return command;
    }

    private static NormalLevel[] Levels(string? confidence, string? z)
    {
        if (confidence is not null && z is not null)
            throw new UsageException("--confidence and --z exclude each other");
        if (z is null)
            return [.. MeasureCommand.Confidences("--confidence", confidence ?? "0.95,0.99").Select(NormalLevel.OfConfidence)];
        return
        [
            .. MeasureCommand.Items("--z", z).Select(item =>
                double.TryParse(item, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var deviations) && Math.Abs(deviations) <= 8
                    ? NormalLevel.OfZ(deviations)
                    : throw new UsageException($"--z: '{item}' is not a number of standard deviations such as 1.65, 8 at most")),
        ];
    }

    private static string Contradiction(string path, string[] factors, DeltaGamma portfolio)
    {
        var worst = portfolio.WorstCombination().Select((share, i) => (Size: Math.Abs(share), Name: factors[i])).OrderByDescending(c => c.Size).Take(3).Where(c => c.Size > 0.05);
        return $"{path}: the covariance is not positive semidefinite (its correlations have an eigenvalue of {portfolio.SmallestEigenvalueRatio:G3} times the largest), "
            + $"so that some combination would have a negative variance; look at the entries of {string.Join(", ", worst.Select(c => c.Name))}, and at covariances that are missing";
    }

    private static void Show(SensitivityFiles files, DeltaGamma portfolio, List<(NormalLevel Level, ParametricMeasure? Exact)> results)
    {
        Terminal.WriteLine($"{files.Factors.Length} factors; covariances missing and taken as zero: {files.MissingCovariances}. Positive is a loss.");
        if (files.MissingVariances.Length > 0)
            Terminal.WriteLine($"without a variance, taken not to move: {string.Join(", ", files.MissingVariances)}");
        if (files.UnusedCovariances > 0)
            Terminal.WriteLine($"{files.UnusedCovariances} covariances belong to factors without delta or gamma and were not used");
        Terminal.WriteLine($"P&L: mean {MeasureCommand.Amount(portfolio.Mean)}, standard deviation {MeasureCommand.Amount(Math.Sqrt(portfolio.Variance))}, skewness {portfolio.Skewness:0.####}, excess kurtosis {portfolio.ExcessKurtosis:0.####}");
        foreach (var (level, exact) in results)
        {
            var table = Numbers(new Table().Border(TableBorder.Simple).AddColumn($"{(100 * level.Confidence).ToString("0.####", CultureInfo.InvariantCulture)} %, z = {level.Z + 0.0:0.######}"), "VaR", "ES");
            void Row(string name, ParametricMeasure measure) => table.AddRow(name, MeasureCommand.Amount(measure.ValueAtRisk), MeasureCommand.Amount(measure.ExpectedShortfall));
            Row("delta-normal", portfolio.DeltaNormal(level));
            Row("delta-gamma-normal", portfolio.DeltaGammaNormal(level));
            Row(portfolio.IsCornishFisherMonotone ? "Cornish-Fisher" : "Cornish-Fisher (outside its monotone domain)", portfolio.CornishFisherExpansion(level));
            if (exact is { } measure)
                Row("exact (inversion)", measure);
            else
                table.AddRow("exact (inversion)", "-", "-");
            Terminal.Out.Write(table);

            var factors = Numbers(new Table().Border(TableBorder.Simple).AddColumn("factor"), "component VaR", "share", "marginal", "incremental", "component, delta-gamma");
            var (component, marginal, incremental, gamma) =
                (portfolio.ComponentDeltaNormal(level), portfolio.MarginalDeltaNormal(level), portfolio.IncrementalDeltaNormal(level), portfolio.ComponentDeltaGammaNormal(level));
            var total = portfolio.DeltaNormal(level).ValueAtRisk;
            for (var i = 0; i < files.Factors.Length; i++)
                factors.AddRow(Markup.Escape(files.Factors[i]), MeasureCommand.Amount(component[i]), Share(component[i]), MeasureCommand.Amount(marginal[i]), MeasureCommand.Amount(incremental[i]), MeasureCommand.Amount(gamma[i]));
            factors.AddRow("total", MeasureCommand.Amount(total), Share(total), string.Empty, string.Empty, MeasureCommand.Amount(portfolio.DeltaGammaNormal(level).ValueAtRisk));
            Terminal.Out.Write(factors);
            string Share(double value) => total == 0 ? "-" : ((value / total) + 0.0).ToString("P1", CultureInfo.InvariantCulture);
        }
    }

    private static Table Numbers(Table table, params string[] columns)
    {
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column).RightAligned());
        return table;
    }

    private static string Plot(string[] factors, DeltaGamma portfolio, NormalLevel level)
    {
        var bars = portfolio.ComponentDeltaNormal(level).Select((value, i) => (Name: factors[i], Value: value)).OrderByDescending(b => Math.Abs(b.Value)).ToList();
        var total = portfolio.DeltaNormal(level).ValueAtRisk;
        var shown = bars.Take(MostBars).ToList();
        if (bars.Count > shown.Count)
            shown.Add(($"{bars.Count - shown.Count} others", bars.Skip(shown.Count).Aggregate(0.0, (sum, b) => sum + b.Value)));
        return PlotFile.Text(
            "Component VaR by factor", $"Delta-normal, z = {level.Z:0.####}; positive adds to the loss.",
            [BarsPlot.Create("Components, which add up to the total", "the files' unit", [.. shown, ("total", total)], positiveIsLoss: true)]);
    }
}

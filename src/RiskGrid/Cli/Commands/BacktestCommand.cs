using System.CommandLine;
using RiskGrid.Cli.Runs;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid backtest [PATH]</c></summary>
internal static class BacktestCommand
{
    public static Command Create()
    {
        var (path, options) = (RunOptions.Path(), new RunOptions());
        var days = new Option<uint>("--days") { Description = "Last days of the history to test on; 1043 unless named." };
        var window = new Option<uint>("--window") { Description = "Days before each that give its value at risk; 250 unless named." };
        var confidence = new Option<string[]>("--confidence") { Description = "Confidences, exact decimals: 0.95,0.975,0.99 unless named.", Arity = ArgumentArity.OneOrMore };
        var quantile = RunOptions.Quantile();
        var command = new Command("backtest", "Tests the historical value at risk of the positions as they stand, held fixed over the last days of the history.") { path, days, window, confidence, quantile };
        options.AddTo(command, plot: true);
        RunCommand.SetAction(command, options, "backtest", (parsed, _, _) =>
        {
            var spec = options.Build(parsed, parsed.GetRequiredValue(path));
            spec.Backtest = new BacktestSpec { Days = parsed.GetValue(days), Window = parsed.GetValue(window), QuantileRule = RunOptions.QuantileRule(parsed, quantile) };
            spec.Backtest.Confidences.Add(OptionText.Probabilities(confidence.Name, parsed.GetValue(confidence)));
            return Task.FromResult(spec);
        });
        return command;
    }
}

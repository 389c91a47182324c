using System.CommandLine;
using System.Text.Json.Nodes;
using NodaTime.Text;
using RiskGrid.Demo;
using RiskGrid.Pricing.Chains;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid iv CHAIN --as-of DATE --out FILE.csv</c></summary>
internal static class IvCommand
{
    public static Command Create()
    {
        var chain = new Argument<string>("chain") { Description = "Option chain (CSV, may be gzipped) in the columns of data/SOURCES.md." };
        var asOf = new Option<string>("--as-of") { Description = "The day of the quotes, taken at 16:15 in New York, e.g. 2026-01-30.", Required = true };
        var output = new Option<string>("--out") { Description = "The CSV to write, one row a contract.", Required = true };
        var json = CommonOptions.Json();
        var command = new Command("iv", "Fits forwards, rates and smiles to an option chain and writes every contract's implied volatility and status.") { chain, asOf, output, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var text = parsed.GetRequiredValue(asOf);
                if (!LocalDatePattern.Iso.Parse(text).TryGetValue(default, out var day))
                    throw new UsageException($"--as-of: '{text}' is not a date such as 2026-01-30");
                var stages = new Stages(TimeProvider.System);
                var path = parsed.GetRequiredValue(chain);
                var calibrated = await stages.ShowAsync(() => stages.RunAsync("calibrate", $"Calibrate {path}", progress => Task.Run(
                    () => ChainCalibration.Calibrate(SampleFiles.ReadChain(path), SampleFiles.CloseOf(day), new CalibrationBar(progress)), token)));
                await WriteAsync(parsed.GetRequiredValue(output), calibrated);
                foreach (var row in calibrated.Quarantined)
                    await Console.Error.WriteLineAsync($"{path}, line {row.Line}, {row.Field}: {row.Reason}");
                if (parsed.GetValue(json))
                {
                    Terminal.WriteJson(ToJson(calibrated));
                }
                else
                {
                    Terminal.WriteLine($"{calibrated.Contracts.Length:N0} contracts in {calibrated.Slices.Length} slices, spot {calibrated.Spot:N4}; {calibrated.Quarantined.Length} rows quarantined.");
                    foreach (var (status, count) in calibrated.StatusCounts)
                        Terminal.WriteLine($"{status,16} {count,7:N0}");
                    foreach (var slice in calibrated.NamedSlices)
                        Terminal.WriteLine($"{slice.Slice}: {slice.Reason}");
                }

                return calibrated.Quarantined.Length == 0 ? CommandLine.Done : CommandLine.Failed;
            },
            cancel));
        return command;
    }

    private static async Task WriteAsync(string path, CalibratedChain chain)
    {
        // Beside the target first, so that a failure leaves no half file.
        var draft = path + ".partial";
        await using (var writer = new StreamWriter(draft))
            IvTable.Write(writer, chain);
        File.Move(draft, path, overwrite: true);
    }

    private static JsonObject ToJson(CalibratedChain chain) => new()
    {
        ["as_of"] = chain.AsOf.ToString(),
        ["spot"] = chain.Spot,
        ["contracts"] = chain.Contracts.Length,
        ["quarantined"] = chain.Quarantined.Length,
        ["status"] = new JsonObject(chain.StatusCounts.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)JsonValue.Create(s.Value)))),
        ["slices"] = new JsonArray([.. chain.Slices.Select(s => (JsonNode)new JsonObject
        {
            ["slice"] = s.Name,
            ["t"] = s.Time,
            ["forward"] = s.Forward,
            ["discount"] = s.Discount,
            ["zero"] = s.Zero,
            ["dividend_yield"] = s.DividendYield,
            ["skew"] = s.Skew,
            ["pairs"] = s.Pairs,
        })]),
    };
}

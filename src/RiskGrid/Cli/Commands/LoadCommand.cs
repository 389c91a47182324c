using System.CommandLine;
using System.Text.Json.Nodes;
using RiskGrid.Client;
using RiskGrid.Demo;
using RiskGrid.Grains.Nodes;
using RiskGrid.Pricing.Chains;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid load FILE</c> and <c>riskgrid load --sample</c></summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("file") { Description = "Trades as CSV, may be gzipped; the columns are in docs/trade-files.md.", Arity = ArgumentArity.ZeroOrOne };
        var sample = new Option<bool>("--sample") { Description = "Load the sample market and portfolio instead of a file." };
        var desk = new Option<string?>("--create-books-in") { Description = "Path of a desk: books that the file names and the server does not know are made there." };
        var quarantine = new Option<string?>("--quarantine") { Description = "Where to write the lines that were not loaded; FILE.quarantine.csv unless named." };
        var author = new Option<string>("--author") { Description = "Who books, for the audit.", DefaultValueFactory = _ => Environment.UserName };
        var (address, data, json) = (CommonOptions.Address(), CommonOptions.Data(), CommonOptions.Json());
        var command = new Command("load", "Books the trades of a file; lines that are no good are set aside with their reason, the others are loaded.")
        {
            file, sample, desk, quarantine, author, address, data, json,
        };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var path = parsed.GetValue(file);
                if (path is null != parsed.GetValue(sample))
                    throw new UsageException("name a file of trades, or --sample, and not both");
                var stages = new Stages(TimeProvider.System);
                using var client = new RiskGridClient(parsed.GetRequiredValue(address));
                if (path is null)
                {
                    var count = await stages.ShowAsync(() => LoadSampleAsync(stages, client, parsed.GetRequiredValue(data), token));
                    if (parsed.GetValue(json))
                        Terminal.WriteJson(new JsonObject { ["loaded"] = count, ["quarantined"] = 0 });
                    else
                        Terminal.WriteLine($"{count:N0} trades of the sample portfolio are on their books.");
                    return CommandLine.Done;
                }

                var load = new TradeFileLoad(client, path, parsed.GetValue(desk), parsed.GetRequiredValue(author));
                var report = await stages.ShowAsync(() => load.RunAsync(stages, parsed.GetValue(quarantine) ?? path + ".quarantine.csv", token));
                if (parsed.GetValue(json))
                    Terminal.WriteJson(report.ToJson());
                else
                    report.Show();
                return report.Quarantined == 0 ? CommandLine.Done : CommandLine.Failed;
            },
            cancel));
        return command;
    }

    private static async Task<int> LoadSampleAsync(Stages stages, RiskGridClient client, string data, CancellationToken cancellationToken)
    {
        var panel = await stages.RunAsync("history", "Read the history", _ => Task.Run(() => SampleFiles.ReadHistory(SampleData.History(data)), cancellationToken));
        var chain = await stages.RunAsync("calibrate", "Read the option chain, fit forwards, rates and smiles", _ => Task.Run(
            () => ChainCalibration.Calibrate(SampleFiles.ReadChain(SampleData.Chain(data)), SampleFiles.ChainAsOf), cancellationToken));
        var market = new SampleMarket(chain, panel, HierarchyGrain.Firm);
        await market.SendAsync(stages, client, "sample", cancellationToken);
        return market.TradeCount;
    }
}

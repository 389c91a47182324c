using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using RiskGrid.Cli.Output;
using RiskGrid.Client;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid price TRADE</c></summary>
internal static class PriceCommand
{
    private static readonly JsonFormatter Wire = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatDefaultValues(true));

    public static Command Create()
    {
        var trade = new Argument<string>("trade") { Description = "The trade's id, e.g. SPXW260220C06900000." };
        var history = new Option<bool>("--history") { Description = "Show every version of the trade too." };
        var (address, json) = (CommonOptions.Address(), CommonOptions.Json());
        var command = new Command("price", "Asks one trade for its price, Greeks, the inputs used, its status and its history.") { trade, history, address, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                using var client = new RiskGridClient(parsed.GetRequiredValue(address));
                var priced = await client.PriceTradeAsync(parsed.GetRequiredValue(trade), parsed.GetValue(history), token);
                if (parsed.GetValue(json))
                    Terminal.WriteJson(JsonNode.Parse(Wire.Format(priced))!);
                else
                    Show(priced);
                return priced.Failure.Length == 0 ? CommandLine.Done : CommandLine.Failed;
            },
            cancel));
        return command;
    }

    private static void Show(PriceTradeResponse priced)
    {
        var option = priced.Terms.Instrument.EuropeanOption;
        var table = new Table().Border(TableBorder.Simple).AddColumn(priced.TradeId).AddColumn(new TableColumn("value").RightAligned());
        void Row(string name, string value) => table.AddRow(Markup.Escape(name), Markup.Escape(value));
        void Number(string name, double value, string format) => Row(name, value.ToString(format, CultureInfo.InvariantCulture));
        Row("contract", $"{option.Root} {option.ExpiryDate} {option.ExpiryTime} {option.Strike:0.####} {option.Type}");
        Row("book", priced.BookPath);
        Row("version, lifecycle", $"{priced.Version}, {priced.Lifecycle}");
        Number("quantity", priced.Terms.Quantity, "N0");
        Row("status of its quote", $"{priced.QuoteStatus}{(priced.Stale ? ", stale" : string.Empty)}{(priced.QuoteAsOf is { } asOf ? $", as of {asOf.ToInstant()}" : string.Empty)}");
        if (priced.Failure.Length > 0)
            Row("not priced", priced.Failure);
        if (priced.Inputs is { } inputs)
        {
            Number("spot", inputs.Spot, "N4");
            Number("forward", inputs.Forward, "N4");
            Number("years to expiry", inputs.Time, "N6");
            Number("volatility", inputs.Volatility, "P4");
            Number("zero rate", inputs.ZeroRate, "P4");
            Number("dividend yield", inputs.DividendYield, "P4");
            Number("discount factor", inputs.Discount, "N8");
        }

        if (priced.Greeks is { } greeks)
        {
            Number("price of one", greeks.Price, "N6");
            Number("delta", greeks.Delta, "N8");
            Number("gamma", greeks.Gamma, "N10");
            Number("vega (per 1.00)", greeks.Vega, "N6");
            Number("theta (a year)", greeks.Theta, "N6");
            Number("rho (per 1.00)", greeks.Rho, "N6");
            Number("theta (a day)", greeks.ThetaPerDay, "N6");
            Number("dividend rho (per 1.00)", greeks.DividendRho, "N6");
            if (greeks.HasElasticity)
                Number("elasticity", greeks.Elasticity, "N6");
        }

        if (priced.Measures is not null)
        {
            foreach (var (name, value) in RollupJson.Measures(priced.Measures))
                Number(name, value, "N2");
        }

        Terminal.Out.Write(table);
        foreach (var entry in priced.History)
            Terminal.WriteLine($"version {entry.Version}: {entry.Event} {entry.RecordedAt.ToInstant()} in {entry.Book} (sequence {entry.BookSequence}) by '{entry.Author}', command {entry.CommandId}");
    }
}

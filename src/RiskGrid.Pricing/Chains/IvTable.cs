using System.Globalization;
using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Chains;

/// <summary>The calibrated chain as a table, one row a contract.</summary>
public static class IvTable
{
    /// <summary>The columns in order.</summary>
    public const string Header = "contract,root,expiry,type,strike,bid,ask,mid,forward,discount,t,iv,status";

    /// <summary>Writes header and rows, comma-separated, lines ended by a line feed.</summary>
    /// <remarks>Numbers are written so that they read back to the same bits. <c>iv</c> is the volatility the contract is valued with: its
    /// mid's own where the status is <c>ok</c>, the surface's otherwise. <c>mid</c> is blank without an ask. <c>expiry</c> is the date.</remarks>
    public static void Write(TextWriter writer, CalibratedChain chain)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(chain);
        writer.Write(Header);
        writer.Write('\n');
        foreach (var contract in chain.Contracts)
        {
            var type = contract.Option.Type == OptionType.Call ? "call" : "put";
            var date = LocalDatePattern.Iso.Format(contract.Option.Expiry.Date);
            writer.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{contract.Contract},{contract.Option.Root},{date},{type},{contract.Option.Strike:R},{contract.Bid:R},{contract.Ask:R},"));
            if (!double.IsNaN(contract.Mid))
                writer.Write(contract.Mid.ToString("R", CultureInfo.InvariantCulture));
            writer.Write(string.Create(
                CultureInfo.InvariantCulture,
                $",{contract.Slice.Forward:R},{contract.Slice.Discount:R},{contract.Slice.Time:R},{contract.MarkedVolatility:R},{contract.Status}\n"));
        }
    }
}

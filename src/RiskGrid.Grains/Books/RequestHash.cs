using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Model;

namespace RiskGrid.Grains.Books;

/// <summary>SHA-256 over the canonical text of a command, by which the ledger tells a repetition from another command with the same id.</summary>
public static class RequestHash
{
    /// <summary>The hash of a command.</summary>
    public static byte[] Of(TradeCommand command)
    {
        var (kind, version, terms) = command switch
        {
            BookCommand book => ("book", 0L, book.Terms),
            AmendCommand amend => ("amend", amend.ExpectedVersion, amend.Terms),
            CancelCommand cancel => ("cancel", cancel.ExpectedVersion, null),
            _ => throw new ArgumentException($"No canonical form is defined for {command.GetType().Name}.", nameof(command)),
        };
        var payload = terms is null ? string.Empty : Encoding.UTF8.GetString(TradeTermsCodec.Encode(terms));
        var text = string.Create(CultureInfo.InvariantCulture, $"{kind}\n{command.TradeId}\n{version}\n{payload}");
        return SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }
}

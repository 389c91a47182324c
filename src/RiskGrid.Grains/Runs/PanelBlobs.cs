using System.Globalization;
using System.IO.Compression;
using System.Text;
using NodaTime.Text;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Risk;

namespace RiskGrid.Grains.Runs;

/// <summary>History panels in the ledger: gzipped CSV under the panel's own hash, so that a run can be computed again when the file is gone.
/// Thread-safe.</summary>
internal sealed class PanelBlobs
{
    private const string Kind = "panel";

    // The panel that is known to be in the ledger: it is encoded once in the life of a process.
    private string? _stored;

    /// <summary>Stores a panel unless the ledger has it.</summary>
    public async Task StoreAsync(ILedger ledger, HistoryPanel panel, CancellationToken cancellationToken)
    {
        if (string.Equals(Volatile.Read(ref _stored), panel.Hash, StringComparison.Ordinal))
            return;
        await ledger.PutBlobAsync(Kind, panel.Hash, Encode(panel), cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _stored, panel.Hash);
    }

    /// <summary>The panel with a hash.</summary>
    /// <exception cref="ValidationException">The ledger does not have it, or what it has is another panel.</exception>
    public static async Task<HistoryPanel> ReadAsync(ILedger ledger, string hash, CancellationToken cancellationToken)
    {
        var bytes = await ledger.ReadBlobAsync(hash, cancellationToken).ConfigureAwait(false)
            ?? throw new ValidationException("panel", $"the ledger has no history panel with the hash {hash}");
        using var csv = new StreamReader(new GZipStream(new MemoryStream(bytes, writable: false), CompressionMode.Decompress), Encoding.UTF8);
        var panel = HistoryPanel.Read(csv, $"panel {hash[..8]} of the ledger");
        return string.Equals(panel.Hash, hash, StringComparison.Ordinal)
            ? panel
            : throw new ValidationException("panel", $"the ledger's history panel {hash} reads as {panel.Hash}: it is damaged");
    }

    // The shortest text that reads as the same bits.
    private static byte[] Encode(HistoryPanel panel)
    {
        using var bytes = new MemoryStream();
        using (var csv = new StreamWriter(new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true), new UTF8Encoding(false)))
        {
            csv.Write("date");
            foreach (var factor in panel.Factors)
                csv.Write("," + factor.Value);
            for (var row = 0; row < panel.Dates.Length; row++)
            {
                csv.Write('\n');
                csv.Write(LocalDatePattern.Iso.Format(panel.Dates[row]));
                foreach (var factor in panel.Factors)
                {
                    csv.Write(',');
                    if (panel.Value(row, factor) is var value && !double.IsNaN(value))
                        csv.Write(value.ToString("R", CultureInfo.InvariantCulture));
                }
            }

            csv.Write('\n');
        }

        return bytes.ToArray();
    }
}

using RiskGrid.Ledger.Codecs;

namespace RiskGrid.Ledger.Tests.Codecs;

public sealed class SnapshotCodecTests
{
    [Fact]
    public void No_damage_to_stored_content_goes_unnoticed()
    {
        var snapshot = Snapshots.Random(new Random(7), 9);
        var content = SnapshotCodec.Encode(snapshot);
        Assert.Equal(snapshot.Hash, SnapshotCodec.Decode(content, snapshot.Hash).Hash);

        for (var position = 0; position < content.Length; position++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var damaged = content.ToArray();
                damaged[position] ^= (byte)(1 << bit);
                Refused(damaged, $"bit {bit} of byte {position} flipped");
            }

            Refused(content[..position], $"cut at {position}");
        }

        Refused([.. content, 0], "a byte too many");

        void Refused(byte[] damaged, string how)
        {
            try
            {
                SnapshotCodec.Decode(damaged, snapshot.Hash);
            }
            catch (LedgerFormatException refused)
            {
                Assert.Contains(snapshot.Hash, refused.Message, StringComparison.Ordinal);
                return;
            }

            Assert.Fail($"damage was not noticed: {how}");
        }
    }

    [Fact]
    public void Stored_content_is_compact()
    {
        var snapshot = Snapshots.Random(new Random(7), 3000);
        var content = SnapshotCodec.Encode(snapshot);
        Assert.True(content.Length < snapshot.Quotes.Count * 32, $"{content.Length / snapshot.Quotes.Count} bytes a quote");
    }
}

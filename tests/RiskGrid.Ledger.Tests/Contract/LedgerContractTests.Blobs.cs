using System.Security.Cryptography;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests.Contract;

public abstract partial class LedgerContractTests<TStore>
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000_000)]
    public async Task Bytes_come_back_under_their_hash(int length)
    {
        var content = Bytes(Seed, length);
        var hash = await Ledger.PutBlobAsync("panel", content, CancellationToken.None);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), hash);
        Assert.Equal(hash, await Ledger.PutBlobAsync("other", content, CancellationToken.None));
        await ReopenAsync();
        Assert.Equal(content, await Ledger.ReadBlobAsync(hash, CancellationToken.None));
        Assert.Null(await Ledger.ReadBlobAsync(new string('0', 64), CancellationToken.None));
    }

    [Fact]
    public async Task Bytes_under_a_key_of_the_caller_s_stay_as_they_were_stored_first()
    {
        var key = Convert.ToHexStringLower(SHA256.HashData("what the panel says"u8));
        await Ledger.PutBlobAsync("panel", key, Bytes(1, 1000), CancellationToken.None);
        await Ledger.PutBlobAsync("panel", key, Bytes(2, 1000), CancellationToken.None);
        Assert.Equal(Bytes(1, 1000), await Ledger.ReadBlobAsync(key, CancellationToken.None));
    }

    [Fact]
    public async Task Bytes_without_a_kind_or_under_what_is_no_hash_are_refused()
    {
        var key = new string('a', 64);
        foreach (var wrong in new[] { "", "panel", key.ToUpperInvariant(), key + "a", key[1..] + "g" })
        {
            var refused = await Assert.ThrowsAsync<ValidationException>(() => Ledger.PutBlobAsync("panel", wrong, new byte[1], CancellationToken.None));
            Assert.Equal("key", refused.Field);
        }

        await Assert.ThrowsAsync<ValidationException>(() => Ledger.PutBlobAsync(" ", key, new byte[1], CancellationToken.None));
        await Assert.ThrowsAsync<ValidationException>(() => Ledger.PutBlobAsync("", new byte[1], CancellationToken.None));
        Assert.Null(await Ledger.ReadBlobAsync(key, CancellationToken.None));
    }

    [Fact]
    public async Task Damaged_bytes_are_refused_by_their_key()
    {
        var hash = await Ledger.PutBlobAsync("panel", Bytes(Seed, 10_000), CancellationToken.None);
        await Store.SpoilBlobAsync(hash, content =>
        {
            content[5000] ^= 1;
            return content;
        });
        var damaged = await Assert.ThrowsAsync<LedgerFormatException>(() => Ledger.ReadBlobAsync(hash, CancellationToken.None));
        Assert.Contains(hash, damaged.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

using System.Text;

namespace RiskGrid.Grid.Tests;

public sealed class PartitionTests
{
    // Landon Curt Noll's published vectors for 64-bit FNV-1a (test_fnv.c, fnv1a_64_vector).
    [Theory]
    [InlineData("", 0xcbf29ce484222325)]
    [InlineData("a", 0xaf63dc4c8601ec8c)]
    [InlineData("b", 0xaf63df4c8601f1a5)]
    [InlineData("fo", 0x08985907b541d342)]
    [InlineData("foobar", 0x85944171f73967e8)]
    public void The_hash_is_the_published_one(string text, ulong hash) => Assert.Equal(hash, Partition.Fnv1A(Encoding.ASCII.GetBytes(text)));

    // Silos of all versions must agree on these for ever: a change strands what is queued.
    [Theory]
    [InlineData("", 1)]
    [InlineData("/", 50)]
    [InlineData("/INDEX", 15)]
    [InlineData("/INDEX/SPX-2026-02-20", 38)]
    [InlineData("EQD/SPX", 62)]
    [InlineData("Zürich", 25)]
    public void A_keys_partition_never_changes(string key, int partition) => Assert.Equal(partition, Partition.Of(key));

    [Fact]
    public void A_long_key_hashes_like_a_short_one()
    {
        var key = new string('k', 1000);
        var hash = Partition.Fnv1A(Encoding.UTF8.GetBytes(key));
        Assert.Equal((int)((hash ^ (hash >> 32)) % 64), Partition.Of(key));
    }

    [Fact]
    public void Keys_that_differ_in_a_digit_spread_over_all_partitions()
    {
        var counts = new int[Partition.Count];
        for (var i = 0; i < 6400; i++)
            counts[Partition.Of($"/INDEX/BOOK-{i:D4}")]++;
        Assert.All(counts, count => Assert.InRange(count, 50, 160));
    }
}

namespace RiskGrid.Kernels.Tests;

/// <summary>The quick look for shared memory sees what comparing every pair sees.</summary>
public sealed unsafe class AliasingTests
{
    private const int Seed = 81;
    private const int Arrays = 16;

    [Theory]
    [InlineData(1, 40)]
    [InlineData(1, 4000)]
    [InlineData(17, 600)]
    [InlineData(17, 20_000)]
    [InlineData(17, 60_000)]
    public void It_agrees_with_comparing_every_pair(int count, int space)
    {
        var random = new Random(Seed);
        var seen = new int[2];
        for (var draw = 0; draw < 5000; draw++)
        {
            var arrays = new long[Arrays];
            for (var i = 0; i < Arrays; i++) arrays[i] = random.Next(3) == 0 ? 0 : 1_000_000 + random.Next(space);
            var (side, status) = (2_000_000L + random.Next(99), 1_000_000L + random.Next(2 * space));
            if (random.Next(2) == 0) side = 1_000_000 + random.Next(space);
            var expected = Shared(arrays, side, status, count);
            Assert.True(expected == Aliasing.Any(arrays, (void*)side, (void*)status, count),
                $"seed {Seed}, draw {draw}: {string.Join(' ', arrays)}, side {side}, status {status}: {expected}");
            seen[expected ? 1 : 0]++;
        }

        Assert.True(seen[0] + seen[1] == 5000 && seen[1] > 0, "a draw must share memory");
    }

    [Fact]
    public void Neighbours_do_not_share_memory_and_a_byte_more_does()
    {
        const int Count = 100;
        long[] arrays = [8000, 8800, 0, 0, 0, 0, 0, 0, 9600, 7200, 0, 0, 0, 0, 0, 0];
        Assert.False(Aliasing.Any(arrays, (void*)10400, (void*)10500, Count));
        Assert.True(Aliasing.Any(arrays, (void*)10400, (void*)10499, Count));
        // Sides are only read, as the last input is.
        Assert.False(Aliasing.Any(arrays, (void*)10399, (void*)7100, Count));
        Assert.True(Aliasing.Any(arrays, (void*)20000, (void*)10399, Count));
        arrays[8] = 9599;
        Assert.True(Aliasing.Any(arrays, (void*)20000, (void*)10500, Count));
        Assert.False(Aliasing.Any(arrays, (void*)20000, (void*)10500, 0));
    }

    private static bool Shared(long[] arrays, long side, long status, int count)
    {
        var named = arrays.Select((at, i) => (At: at, Length: 8L * count, Output: i < Aliasing.Outputs)).Where(a => a.At != 0)
            .Append((At: side, Length: count, Output: false)).Append((At: status, Length: count, Output: true)).ToArray();
        for (var i = 0; i < named.Length; i++)
            for (var j = 0; j < i; j++)
                if ((named[i].Output || named[j].Output) && named[i].At < named[j].At + named[j].Length
                    && named[j].At < named[i].At + named[i].Length)
                    return true;
        return false;
    }
}

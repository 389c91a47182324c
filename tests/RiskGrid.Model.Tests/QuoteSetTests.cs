using NodaTime;

namespace RiskGrid.Model.Tests;

public sealed class QuoteSetTests
{
    private const int Seed = 20261129;

    /// <summary>Checked against a sorted dictionary, for every number of quotes up to 70 and in any order.</summary>
    [Fact]
    public void It_holds_what_was_given_in_factor_order_and_finds_nothing_else()
    {
        var random = new Random(Seed);
        var names = Enumerable.Range(0, 140).Select(i => FactorName.Parse($"EQ.{(i % 2 == 0 ? "a" : "B")}{i}")).ToArray();
        for (var count = 0; count <= 70; count++)
        {
            random.Shuffle(names);
            var given = names.Take(count).Select((n, i) => KeyValuePair.Create(n, new Quote(i, Instant.FromUnixTimeTicks(i), QuoteStatus.Ok))).ToArray();
            var expected = new SortedDictionary<FactorName, Quote>(given.ToDictionary());
            var set = new QuoteSet(given);
            Assert.Equal(expected, set);
            Assert.Equal(expected.Keys, set.Keys);
            Assert.Equal(expected.Values, set.Values);
            Assert.Equal(count, set.Count);
            Assert.Equal(set, new QuoteSet(set));
            foreach (var name in names)
            {
                Assert.Equal(expected.ContainsKey(name), set.ContainsKey(name));
                Assert.Equal(expected.TryGetValue(name, out var quote), set.TryGetValue(name, out var found));
                Assert.Equal(quote, found);
                if (set.ContainsKey(name))
                    Assert.Equal(quote, set[name]);
                else
                    Assert.Contains(name.Value, Assert.Throws<KeyNotFoundException>(() => set[name]).Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_factor_has_one_quote()
    {
        var quote = new Quote(1, default, QuoteStatus.Ok);
        var twice = new[] { "EQ.B", "EQ.A", "EQ.B" }.Select(n => KeyValuePair.Create(FactorName.Parse(n), quote));
        var refused = Assert.Throws<ValidationException>(() => new QuoteSet(twice));
        Assert.Equal(("factor", "EQ.B has two quotes"), (refused.Field, refused.Reason));
    }
}

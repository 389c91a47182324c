using NodaTime;

namespace RiskGrid.Model.Tests;

public sealed class MarketSnapshotTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 1, 30, 12, 0);

    [Fact]
    public void The_hash_of_a_given_content_never_changes()
    {
        // A change of this literal orphans every stored snapshot: make it a new layout instead.
        var snapshot = Snapshot(("IDX.SP500", 6939.03, QuoteStatus.Ok), ("VOL.SPXW.2026-02-20.6900C", 0.145, QuoteStatus.OffSmile));
        Assert.Equal("5fde63b37a88ee206bbef934ff24494c171d1bd6589c37fa26762e84ada0e1c4", snapshot.Hash);
    }

    [Fact]
    public void The_order_in_which_quotes_are_given_does_not_count()
    {
        var one = Snapshot(("EQ.A", 1, QuoteStatus.Ok), ("EQ.B", 2, QuoteStatus.Ok));
        var other = Snapshot(("EQ.B", 2, QuoteStatus.Ok), ("EQ.A", 1, QuoteStatus.Ok));
        Assert.Equal(one.Hash, other.Hash);
        Assert.Equal(["EQ.A", "EQ.B"], other.Quotes.Keys.Select(f => f.Value));
    }

    [Fact]
    public void Every_part_of_the_content_counts()
    {
        var one = FactorName.Parse("EQ.A");
        var quote = new Quote(1, Noon, QuoteStatus.Ok);
        var step = Duration.FromTicks(1);
        MarketSnapshot[] different =
        [
            new(Noon, [KeyValuePair.Create(one, quote)]),
            new(Noon + step, [KeyValuePair.Create(one, quote)]),
            new(Noon, [KeyValuePair.Create(FactorName.Parse("EQ.AB"), quote)]),
            new(Noon, [KeyValuePair.Create(one, quote with { Value = Math.BitIncrement(1.0) })]),
            new(Noon, [KeyValuePair.Create(one, quote with { AsOf = Noon - step })]),
            new(Noon, [KeyValuePair.Create(one, quote with { Status = QuoteStatus.ZeroBid })]),
            new(Noon, []),
        ];
        Assert.Equal(different.Length, different.Select(s => s.Hash).Distinct().Count());
    }

    [Fact]
    public void Instants_are_kept_in_steps_of_100_nanoseconds()
    {
        var fine = Noon + Duration.FromNanoseconds(99);
        var snapshot = new MarketSnapshot(fine, [KeyValuePair.Create(FactorName.Parse("EQ.A"), new Quote(1, fine, QuoteStatus.Ok))]);
        Assert.Equal((Noon, Noon), (snapshot.Valuation, snapshot.Quotes.Values.Single().AsOf));
    }

    [Fact]
    public void A_snapshot_holds_finite_numbers_with_a_status_once_each()
    {
        var factor = FactorName.Parse("EQ.A");
        Refused("value", KeyValuePair.Create(factor, new Quote(double.NaN, Noon, QuoteStatus.Ok)));
        Refused("value", KeyValuePair.Create(factor, new Quote(double.PositiveInfinity, Noon, QuoteStatus.Ok)));
        Refused("status", KeyValuePair.Create(factor, default(Quote)));
        var sound = KeyValuePair.Create(factor, new Quote(1, Noon, QuoteStatus.Ok));
        Refused("factor", sound, sound);
    }

    [Fact]
    public void The_default_quote_stands_for_no_quote()
    {
        Assert.False(default(Quote).Exists);
        Assert.True(new Quote(0, Noon, QuoteStatus.Ok).Exists);
    }

    private static void Refused(string field, params KeyValuePair<FactorName, Quote>[] quotes) =>
        Assert.Equal(field, Assert.Throws<ValidationException>(() => new MarketSnapshot(Noon, quotes)).Field);

    private static MarketSnapshot Snapshot(params (string Factor, double Value, string Status)[] quotes) =>
        new(Noon, quotes.Select(q => KeyValuePair.Create(FactorName.Parse(q.Factor), new Quote(q.Value, Noon, q.Status))));
}

using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Slots;

namespace Etl.Tests.Unit.Metadata;

public sealed class LaneSharesTests
{
    [Fact]
    public void Where_both_lanes_have_enough_backfill_gets_a_fifth_and_live_the_rest()
    {
        var mixed = new LaneShares().Mix(Due(live: 100, backfill: 100), 50, 1);
        (mixed.Count, mixed.Count(IsBackfill)).ShouldBe((50, 10));
        mixed.Where(number => !IsBackfill(number)).ShouldBe(Enumerable.Range(0, 40).Select(number => (long)number), "each lane keeps its order");
    }

    [Fact]
    public void Claims_of_one_slot_each_share_as_well()
    {
        var shares = new LaneShares();
        Enumerable.Range(0, 100).Count(_ => IsBackfill(shares.Mix(Due(live: 10, backfill: 10), 1, 2)[0])).ShouldBe(20);
    }

    [Theory]
    [InlineData(0, 30, 20, 20)]
    [InlineData(30, 0, 20, 0)]
    [InlineData(4, 30, 20, 16)]
    [InlineData(30, 1, 20, 1)]
    public void What_one_lane_has_no_use_for_the_other_gets(int live, int backfill, int max, int ofBackfill)
    {
        var mixed = new LaneShares().Mix(Due(live, backfill), max, 1);
        (mixed.Count, mixed.Count(IsBackfill)).ShouldBe((max, ofBackfill));
    }

    [Fact]
    public void A_longer_look_keeps_the_shares_in_every_part() =>
        new LaneShares().Mix(Due(live: 100, backfill: 100), 10, 4).Chunk(10).Select(part => part.Count(IsBackfill)).ShouldBe([2, 2, 2, 2]);

    private static bool IsBackfill(long number) => number >= 1_000;

    private static List<(Lane, long)> Due(int live, int backfill) =>
        [.. Enumerable.Range(0, backfill).Select(number => (Lane.Backfill, 1_000L + number)), .. Enumerable.Range(0, live).Select(number => (Lane.Live, (long)number))];
}

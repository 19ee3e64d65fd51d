using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    private const string Heavy = "heavy";

    private long _poolToken;

    [Fact]
    public async Task No_more_places_are_taken_than_a_pool_has_over_all_connections()
    {
        await using var second = await OpenAsync();
        long token = await OpenWriterAsync();
        var taken = await Task.WhenAll(Enumerable.Range(0, 12).Select(turn => (turn % 2 == 0 ? Store : second).Pools.TakeAsync(new(Heavy, 4, $"worker {turn}", Lane.Live, 1, token, Minute), Cancel)));
        taken.Sum(places => places.Count).ShouldBe(4);
        taken.SelectMany(places => places).Distinct().Count().ShouldBe(4);
        (await Store.Pools.TakeAsync(new("other", 2, "worker 1", Lane.Live, 9, token, Minute), Cancel)).Count.ShouldBe(2, "each pool is its own");
    }

    [Fact]
    public async Task Who_asked_in_vain_comes_before_who_gave_a_place_back_and_wants_it_again()
    {
        var first = await TakeAsync("a", 4, size: 4);
        (first.Count, (await TakeAsync("b", 4, size: 4)).Count, (await TakeAsync("c", 4, size: 4)).Count).ShouldBe((4, 0, 0));
        await GiveAsync(first[0]);
        (await TakeAsync("a", 1, size: 4)).ShouldBeEmpty("the free place is b's");
        (await TakeAsync("c", 1, size: 4)).ShouldBeEmpty("it stands behind b");
        (await TakeAsync("b", 4, size: 4)).Count.ShouldBe(1);
        await GiveAsync(first[1]);
        (await TakeAsync("a", 1, size: 4)).ShouldBeEmpty();
        (await TakeAsync("c", 4, size: 4)).Count.ShouldBe(1);
        await GiveAsync(first[1]);
        (await TakeAsync("a", 4, size: 4)).ShouldBeEmpty("a place is given back once");
    }

    [Fact]
    public async Task Backfill_never_has_all_of_a_pool_and_stands_behind_live_work()
    {
        var history = await TakeAsync("history", 9, Lane.Backfill, size: 4);
        history.Count.ShouldBe(3);
        (await TakeAsync("live", 9, size: 4)).Count.ShouldBe(1);
        (await TakeAsync("history", 1, Lane.Backfill, size: 4)).ShouldBeEmpty();
        (await TakeAsync("other", 1, size: 4)).ShouldBeEmpty();
        await GiveAsync([.. history.Take(2)]);
        (await TakeAsync("history", 1, Lane.Backfill, size: 4)).ShouldBeEmpty("one stays live work's, and one is the other's, though it asked later");
        (await TakeAsync("other", 1, size: 4)).Count.ShouldBe(1);
        (await Store.Pools.TakeAsync(new("single", 1, "history", Lane.Backfill, 1, _poolToken, Minute), Cancel)).Count.ShouldBe(1, "of one place it has that, when its turn comes");
    }

    [Fact]
    public async Task A_place_is_free_when_its_lease_is_over_or_its_writer_ended_and_its_first_holder_frees_no_other()
    {
        long first = await OpenWriterAsync("first"), second = await OpenWriterAsync("second"), third = await OpenWriterAsync("third");
        var lost = await TakeAsync("a", 1, token: first);
        (await TakeAsync("b", 1, token: second)).ShouldBeEmpty();
        await Store.Pools.RenewAsync(lost, first, Minute * 10, Cancel);
        await ExecuteAsync("update etl_pool_place set lease_end = lease_end - 300000000 where waits = 0");
        (await TakeAsync("b", 1, token: second)).ShouldBeEmpty("it was renewed for longer");
        await ExecuteAsync("update etl_pool_place set lease_end = 1 where waits = 0");
        (await TakeAsync("b", 1, token: second)).Count.ShouldBe(1);
        await Store.Pools.GiveAsync(lost, first, Cancel);
        (await TakeAsync("c", 1, token: third)).ShouldBeEmpty("that one is the second's");
        await Store.Commits.CloseWriterAsync(second, Cancel);
        (await TakeAsync("c", 1, token: third)).Count.ShouldBe(1, "what has ended holds nothing");
        (await TakeAsync("b", 1, token: second)).ShouldBeEmpty("and gets nothing");
    }

    [Fact]
    public async Task A_turn_is_kept_as_long_as_it_is_asked_for()
    {
        var held = await TakeAsync("a", 1);
        (await TakeAsync("gone", 1)).ShouldBeEmpty();
        (await TakeAsync("b", 1)).ShouldBeEmpty();
        await ExecuteAsync("update etl_pool_place set lease_end = 1 where who = 'gone'");
        await GiveAsync(held[0]);
        (await TakeAsync("a", 1)).ShouldBeEmpty("it is b's turn");
        (await TakeAsync("b", 1)).Count.ShouldBe(1, "nobody waits for one that asks no more");
    }

    [Fact]
    public async Task What_is_due_is_counted_by_lane_up_to_a_bound()
    {
        long token = await OpenWriterAsync();
        (await Store.Ledger.DueAsync([Build], null, 10, Cancel)).ShouldBe(0);
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued), new(HourSlot(1), Lane.Live, SlotState.Queued), new(HourSlot(2), Lane.Backfill, SlotState.Queued), new(HourSlot(3), Lane.Live, SlotState.Waiting)], Cancel);
        (await Store.Ledger.DueAsync([Build, "nobody"], null, 10, Cancel)).ShouldBe(3);
        (await Store.Ledger.DueAsync([Build], Lane.Backfill, 10, Cancel)).ShouldBe(1);
        (await Store.Ledger.DueAsync([Build], null, 2, Cancel)).ShouldBe(2);
        await ClaimOneAsync(token);
        (await Store.Ledger.DueAsync([Build], Lane.Live, 10, Cancel)).ShouldBe(1, "what runs is not due");
    }

    private async Task<IReadOnlyList<long>> TakeAsync(string who, int most, Lane lane = Lane.Live, int size = 1, long token = 0)
    {
        if (token == 0 && _poolToken == 0) _poolToken = await OpenWriterAsync("pool");
        return await Store.Pools.TakeAsync(new(Heavy, size, who, lane, most, token == 0 ? _poolToken : token, Minute), Cancel);
    }

    private Task GiveAsync(params IReadOnlyCollection<long> places) => Store.Pools.GiveAsync(places, _poolToken, Cancel);
}

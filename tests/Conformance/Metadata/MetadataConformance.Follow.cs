using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    private const string Publish = "trucks/publish";

    [Fact]
    public async Task What_follows_a_done_slot_is_planned_and_claimed_at_once()
    {
        var (token, done) = await DoneAsync();
        var slot = (await FollowAsync(token, changed: done)).ShouldHaveSingleItem();
        (slot.Id, slot.State, slot.Lane, slot.Round, slot.Attempt, slot.Token, slot.AsOf).ShouldBe((HourSlot(0, Publish), SlotState.Running, Lane.Backfill, 1, 1, token, done));
        (await Store.Ledger.FindAsync(slot.Id, Cancel)).ShouldBe(slot);
        (await Store.Ledger.AttemptsAsync(slot.Id, Cancel)).ShouldHaveSingleItem().Ended.ShouldBeNull();
        (await FollowAsync(token, changed: done)).ShouldBeEmpty("it runs");
        await CommitAsync(Finishing(slot));
        (await FollowAsync(token, changed: done)).ShouldBeEmpty("its end is as new as its input");
    }

    [Fact]
    public async Task What_ended_before_its_input_changed_follows_in_a_new_round()
    {
        var (token, done) = await DoneAsync();
        await CommitAsync(Finishing((await FollowAsync(token, changed: done))[0], SlotState.Failed, reason: "broken"));
        (await FollowAsync(token, changed: done)).ShouldBeEmpty();
        var again = (await FollowAsync(token, changed: await CommitAsync(Adding(token, "more")))).ShouldHaveSingleItem();
        (again.Round, again.Attempt).ShouldBe((2, 1));
        (await Store.Ledger.AttemptsAsync(again.Id, Cancel)).Select(static each => (each.Round, each.Attempt)).ShouldBe([(1, 1), (2, 1)]);
    }

    [Fact]
    public async Task Nothing_follows_before_all_it_waits_for_is_there_and_done()
    {
        var (token, done) = await DoneAsync();
        (await Store.Ledger.FollowAsync([new(HourSlot(0, Publish), Lane.Live, done, [HourSlot(), HourSlot(1)])], token, Minute, Cancel)).ShouldBeEmpty("the other hour is not planned");
        await Store.Ledger.PlanAsync([new(HourSlot(1), Lane.Live, SlotState.Queued)], Cancel);
        (await Store.Ledger.FollowAsync([new(HourSlot(0, Publish), Lane.Live, done, [HourSlot(), HourSlot(1)])], token, Minute, Cancel)).ShouldBeEmpty("the other hour is not done");
        (await Store.Ledger.FindAsync(HourSlot(0, Publish), Cancel)).ShouldBeNull();
        (await FollowAsync(token, changed: 0)).ShouldBeEmpty("nobody has planned it, and no input of it changed");
    }

    [Fact]
    public async Task What_waits_follows_and_what_was_cancelled_or_put_off_does_not()
    {
        var (token, _) = await DoneAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(0, Publish), Lane.Backfill, SlotState.Waiting, "waits for hourly")], Cancel);
        var slot = (await FollowAsync(token, changed: 0)).ShouldHaveSingleItem();
        await Store.Ledger.MoveAsync([new(slot, SlotState.Queued, "patience", await Store.NowAsync(Cancel) + Minute)], Cancel);
        (await FollowAsync(token, changed: long.MaxValue)).ShouldBeEmpty("its time has not come");
        await Store.Ledger.MoveAsync([new((await Store.Ledger.FindAsync(slot.Id, Cancel))!, SlotState.Cancelled, "by hand")], Cancel);
        (await FollowAsync(token, changed: long.MaxValue)).ShouldBeEmpty("a person ended it");
    }

    [Fact]
    public async Task What_follows_goes_on_in_the_lane_of_what_it_follows_but_live_work_is_left_to_the_live_lane()
    {
        var (token, done) = await DoneAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(0, Publish), Lane.Live, SlotState.Waiting)], Cancel);
        (await FollowAsync(token, changed: done)).ShouldBeEmpty("both lanes want it");
        var live = (await FollowAsync(token, done, Lane.Live)).ShouldHaveSingleItem();
        await CommitAsync(Finishing(live));
        var backfill = (await FollowAsync(token, await CommitAsync(Adding(token, "more")))).ShouldHaveSingleItem();
        (backfill.Lane, (await Store.Ledger.FindAsync(backfill.Id, Cancel))!.Lane).ShouldBe((Lane.Backfill, Lane.Backfill));
        await Store.Ledger.MoveAsync([new(backfill, SlotState.Queued, "again")], Cancel);
        (await FollowAsync(token, 0, Lane.Live)).ShouldHaveSingleItem().Lane.ShouldBe(Lane.Live);
    }

    [Fact]
    public async Task Nothing_follows_under_a_revoked_token()
    {
        var (token, done) = await DoneAsync();
        await Store.Commits.RevokeExpiredAsync(evenLive: true, Cancel);
        (await FollowAsync(token, changed: done)).ShouldBeEmpty();
        (await Store.Ledger.FindAsync(HourSlot(0, Publish), Cancel)).ShouldBeNull();
    }

    private async Task<(long Token, long Number)> DoneAsync()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        return (token, await CommitAsync(Finishing(await ClaimOneAsync(token))));
    }

    private Task<IReadOnlyList<Slot>> FollowAsync(long token, long changed, Lane lane = Lane.Backfill) => Store.Ledger.FollowAsync([new(HourSlot(0, Publish), lane, changed, [HourSlot()])], token, Minute, Cancel);
}

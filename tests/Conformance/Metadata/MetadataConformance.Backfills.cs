using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    [Fact]
    public async Task Both_lanes_get_their_share_of_claims_however_old_the_one_is()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([.. Enumerable.Range(0, 40).Select(hour => new PlannedSlot(HourSlot(hour), Lane.Backfill, SlotState.Queued))], Cancel);
        await Store.Ledger.PlanAsync([.. Enumerable.Range(100, 40).Select(hour => new PlannedSlot(HourSlot(hour), Lane.Live, SlotState.Queued))], Cancel);
        var first = await Store.Ledger.ClaimAsync(new([Build], 20, token, Minute), Cancel);
        (first.Count, first.Count(slot => slot.Lane == Lane.Backfill)).ShouldBe((20, 4));
        var one = new List<Slot>();
        for (int claim = 0; claim < 10; claim++) one.Add(await ClaimOneAsync(token));
        one.Count(slot => slot.Lane == Lane.Backfill).ShouldBe(2);
        var rest = await Store.Ledger.ClaimAsync(new([Build], 100, token, Minute), Cancel);
        rest.Count.ShouldBe(50, "what one lane has no use for, the other gets");
    }

    [Fact]
    public async Task A_slot_that_is_queued_again_may_change_its_lane()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        await CommitAsync(Finishing(await ClaimOneAsync(token)));
        var done = (await Store.Ledger.FindAsync(HourSlot(), Cancel))!;
        await Store.Ledger.MoveAsync([new(done, SlotState.Queued, "backfill 1") { Lane = Lane.Backfill }], Cancel);
        var again = await ClaimOneAsync(token);
        (again.Lane, again.Round).ShouldBe((Lane.Backfill, 2));
        await CommitAsync(Finishing(again));
        await Store.Ledger.MoveAsync([new((await Store.Ledger.FindAsync(HourSlot(), Cancel))!, SlotState.Queued, "late")], Cancel);
        (await ClaimOneAsync(token)).Lane.ShouldBe(Lane.Backfill, "a move without a lane leaves it");
    }

    [Fact]
    public async Task A_backfill_is_put_in_with_its_plan_and_taken_unit_by_unit()
    {
        var (made, meets) = await Store.Backfills.StartAsync(Order(), Plan(6, unit: 2), queue: false, Cancel);
        meets.ShouldBeNull();
        (made!.State, made.Windows, made.Dag, made.Hash, made.First, made.Last, made.Since).ShouldBe((BackfillState.Running, 6, "trucks", "hash", March(1), March(3), made.Created));
        (await Store.Backfills.FindAsync(made.Id, Cancel)).ShouldBe(made);
        (await Store.Backfills.WindowsAsync(made.Id, null, 10, Cancel)).ShouldBe(Plan(6, unit: 2));

        var taken = await Store.Backfills.TakeAsync(made.Id, [], Cancel);
        taken.Select(window => (window.Number, window.State)).ShouldBe(Enumerable.Range(1, 4).Select(number => (number, BackfillWindowState.UnderWay)), "two units of two");
        (await Store.Backfills.TakeAsync(made.Id, [], Cancel)).ShouldBeEmpty("both are under way");
        await Store.Backfills.EndAsync(made.Id, [1], BackfillWindowState.Done, Cancel);
        (await Store.Backfills.TakeAsync(made.Id, [], Cancel)).ShouldBeEmpty("the rest of its unit is");
        await Store.Backfills.EndAsync(made.Id, [1, 2], BackfillWindowState.Failed, Cancel);
        (await Store.Backfills.TakeAsync(made.Id, [], Cancel)).Select(window => window.Number).ShouldBe([5, 6]);
        var now = (await Store.Backfills.FindAsync(made.Id, Cancel))!;
        (now.DoneWindows, now.FailedWindows, now.UnderWay).ShouldBe((1, 1, 4));
    }

    [Fact]
    public async Task Windows_that_wait_for_others_take_up_no_room()
    {
        var (made, _) = await Store.Backfills.StartAsync(Order(), Plan(6, unit: 2), queue: false, Cancel);
        await Store.Backfills.TakeAsync(made!.Id, [], Cancel);
        (await Store.Backfills.TakeAsync(made.Id, [1, 2], Cancel)).Select(window => window.Number).ShouldBe([5, 6]);
    }

    [Fact]
    public async Task A_paused_backfill_gives_no_window_and_goes_on_where_it_stood()
    {
        var (made, _) = await Store.Backfills.StartAsync(Order(), Plan(6, unit: 2), queue: false, Cancel);
        await Store.Backfills.TakeAsync(made!.Id, [], Cancel);
        (await Store.Backfills.MoveAsync(made.Id, BackfillState.Running, BackfillState.Paused, "lunch", Cancel)).ShouldBeTrue();
        (await Store.Backfills.MoveAsync(made.Id, BackfillState.Running, BackfillState.Paused, "again", Cancel)).ShouldBeFalse();
        await Store.Backfills.EndAsync(made.Id, [1, 2, 3, 4], BackfillWindowState.Done, Cancel);
        (await Store.Backfills.TakeAsync(made.Id, [], Cancel)).ShouldBeEmpty();
        await Store.Backfills.MoveAsync(made.Id, BackfillState.Paused, BackfillState.Running, "back", Cancel);
        var resumed = (await Store.Backfills.FindAsync(made.Id, Cancel))!;
        (resumed.EndedBefore, resumed.Since >= made.Since, resumed.Reason, resumed.Ended).ShouldBe((4, true, "back", null));
        (await Store.Backfills.TakeAsync(made.Id, [], Cancel)).Select(window => window.Number).ShouldBe([5, 6]);
        await Store.Backfills.MoveAsync(made.Id, BackfillState.Running, BackfillState.Done, "", Cancel);
        (await Store.Backfills.FindAsync(made.Id, Cancel))!.Ended.ShouldNotBeNull();
    }

    [Fact]
    public async Task One_that_meets_another_of_its_dag_is_refused_or_waits_and_others_run_beside()
    {
        var (first, _) = await Store.Backfills.StartAsync(Order(), Plan(2), queue: false, Cancel);
        var (refused, meets) = await Store.Backfills.StartAsync(Order(3, 9), Plan(2), queue: false, Cancel);
        (refused, meets!.Id).ShouldBe((null, first!.Id));
        var (beside, _) = await Store.Backfills.StartAsync(Order(4, 9), Plan(2), queue: false, Cancel);
        var (another, _) = await Store.Backfills.StartAsync(Order() with { Dag = "main" }, Plan(2), queue: false, Cancel);
        (beside!.State, another!.State).ShouldBe((BackfillState.Running, BackfillState.Running));
        var (queued, _) = await Store.Backfills.StartAsync(Order(2, 2), Plan(2), queue: true, Cancel);
        queued!.State.ShouldBe(BackfillState.Queued);
        (await Store.Backfills.AdvanceAsync(Cancel)).ShouldBe(0);
        await Store.Backfills.MoveAsync(first.Id, BackfillState.Running, BackfillState.Cancelled, "enough", Cancel);
        (await Store.Backfills.AdvanceAsync(Cancel)).ShouldBe(1);
        (await Store.Backfills.ListAsync(new() { Dag = "trucks", States = [BackfillState.Running] }, Cancel)).Select(backfill => backfill.Id).ShouldBe([queued.Id, beside.Id]);
        (await Store.Backfills.ListAsync(new() { Dag = "nobody" }, Cancel)).ShouldBeEmpty();
    }

    private static DateOnly March(int day) => new(2026, 3, day);

    private static NewBackfill Order(int first = 1, int last = 3) => new("trucks", BackfillFrom.Lake, March(first), March(last), BackfillPolicy.Missing | BackfillPolicy.Failed, BackfillOrder.Newest, 2, "{}", "hash", "test");

    private static List<BackfillWindow> Plan(int windows, int unit = 1) => [.. Enumerable.Range(0, windows).Select(index => new BackfillWindow(index + 1, index / unit + 1, HourSlot(index), 0))];
}

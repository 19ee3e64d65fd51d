using System.Collections.Concurrent;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    [Fact]
    public async Task Planning_inserts_what_is_missing_and_leaves_the_rest()
    {
        (await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Live, SlotState.Queued), new(HourSlot(1), Lane.Backfill, SlotState.Waiting, "open")], Cancel)).ShouldBe(2);
        (await Store.Ledger.PlanAsync([new(HourSlot(1), Lane.Live, SlotState.Queued), new(HourSlot(2), Lane.Live, SlotState.Queued)], Cancel)).ShouldBe(1);
        var slot = (await Store.Ledger.FindAsync(HourSlot(1), Cancel)).ShouldNotBeNull();
        slot.ShouldBe(new Slot { Id = HourSlot(1), State = SlotState.Waiting, Lane = Lane.Backfill, Reason = "open" });
        (await Store.Ledger.FindAsync(HourSlot(9), Cancel)).ShouldBeNull();
        (await Store.Ledger.FindAsync([HourSlot(2), HourSlot(9), HourSlot(0)], Cancel)).Select(static each => each.Id).ShouldBe([HourSlot(2), HourSlot(0)]);
    }

    [Fact]
    public async Task A_slot_is_claimed_run_and_done()
    {
        var token = await OpenWriterAsync();
        var head = await CommitAsync(Adding(token, "events"));
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        var slot = await ClaimOneAsync(token);
        (slot.State, slot.Round, slot.Attempt, slot.Token, slot.AsOf).ShouldBe((SlotState.Running, 1, 1, token, head));
        (slot.LeaseEnd!.Value - await Store.NowAsync(Cancel)).ShouldBeInRange(TimeSpan.FromSeconds(30), Minute);
        (await Store.Ledger.FindAsync(slot.Id, Cancel)).ShouldBe(slot);

        var outcome = await Committer.CommitAsync(Finishing(slot, result: new(7, "sum")) with { Added = [new(Hourly, "r", 7, 9, 1, [new(Noon, 7)], [])], Changed = [new(Hourly, Noon)] }, Cancel);
        var done = outcome.ShouldBeOfType<CommitOutcome.Committed>();
        done.SlotState.ShouldBe(SlotState.Done);
        (await Store.Ledger.FindAsync(slot.Id, Cancel)).ShouldBe(slot with { State = SlotState.Done, LeaseEnd = null, Version = done.Number, Rows = 7, Checksum = "sum", Digest = "digest 1" });
        var attempt = (await Store.Ledger.AttemptsAsync(slot.Id, Cancel)).ShouldHaveSingleItem();
        (attempt.Round, attempt.Attempt, attempt.Token, attempt.State, attempt.Rows).ShouldBe((1, 1, token, SlotState.Done, 7));
        attempt.Ended.ShouldNotBeNull();
        (await Store.Ledger.ClaimAsync(new([Build], 10, token, Minute), Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_revoked_or_closed_writer_left_running_is_due_at_once_and_what_a_live_one_runs_is_not()
    {
        var (dead, closed, live) = (await OpenWriterAsync("dead"), await OpenWriterAsync("closed"), await OpenWriterAsync("live"));
        await Store.Ledger.PlanAsync([.. Enumerable.Range(0, 3).Select(hour => new PlannedSlot(HourSlot(hour), Lane.Live, SlotState.Queued))], Cancel);
        var ofDead = await ClaimOneAsync(dead);
        var ofClosed = await ClaimOneAsync(closed);
        await ClaimOneAsync(live);
        await Store.Commits.CloseWriterAsync(closed, Cancel);
        await Store.Commits.RevokeExpiredAsync(evenLive: false, Cancel);
        (await Store.Ledger.ClaimAsync(new([Build], 10, live, Minute), Cancel)).Select(static slot => (slot.Id, slot.Attempt)).ShouldBe([(ofClosed.Id, 2)]);

        await Store.Commits.RevokeExpiredAsync(evenLive: true, Cancel);
        var next = await OpenWriterAsync("next");
        (await Store.Ledger.ClaimAsync(new([Build], 10, next, Minute), Cancel)).Count.ShouldBe(3);
        (await Store.Ledger.AttemptsAsync(ofDead.Id, Cancel)).Select(static each => (each.Token, each.State)).ShouldBe([(dead, SlotState.Retrying), (next, null)]);
    }

    [Fact]
    public async Task A_result_keeps_its_version_when_nothing_changed_and_a_publish_names_its_own()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        await CommitAsync(Finishing(await ClaimOneAsync(token), result: new(7, "sum", Version: 1234)));
        var slot = (await Store.Ledger.FindAsync(HourSlot(), Cancel))!;
        slot.Version.ShouldBe(1234);
        await Store.Ledger.MoveAsync([new(slot, SlotState.Queued, "again")], Cancel);
        await CommitAsync(Finishing(await ClaimOneAsync(token)));
        (await Store.Ledger.FindAsync(HourSlot(), Cancel)).ShouldNotBeNull().ShouldSatisfyAllConditions(
            static each => each.Version.ShouldBe(1234), static each => each.Checksum.ShouldBe("sum"), static each => each.Round.ShouldBe(2), static each => each.State.ShouldBe(SlotState.Done));
    }

    [Fact]
    public async Task A_slot_whose_input_changed_meanwhile_is_queued_again_in_the_next_round()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        var slot = await ClaimOneAsync(token);
        var late = await CommitAsync(Adding(token, "late", Noon));
        var at = (await Store.NowAsync(Cancel)).AddMinutes(1);
        var finishing = Finishing(slot, result: new(7, "sum"));
        var outcome = (await Committer.CommitAsync(finishing with { Slot = finishing.Slot! with { NotBefore = at } }, Cancel)).ShouldBeOfType<CommitOutcome.Committed>();

        outcome.SlotState.ShouldBe(SlotState.Queued);
        var queued = (await Store.Ledger.FindAsync(slot.Id, Cancel))!;
        (queued.State, queued.Round, queued.Attempt, queued.Version, queued.AsOf).ShouldBe((SlotState.Queued, 2, 0, outcome.Number, slot.AsOf));
        (queued.NotBefore!.Value - at).Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(1));
        queued.Reason.ShouldContain($"{late}");
        (await Store.Ledger.ClaimAsync(new([Build], 1, token, Minute), Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_of_the_same_group_counts_and_one_outside_the_inputs_does_not()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Live, SlotState.Queued), new(HourSlot(1), Lane.Live, SlotState.Queued)], Cancel);
        var slots = await Store.Ledger.ClaimAsync(new([Build], 10, token, Minute), Cancel);
        var outcomes = await Store.Commits.CommitAsync([Adding(token, "late", Noon), .. slots.Select(static slot => Finishing(slot))], Cancel);
        outcomes.Skip(1).Cast<CommitOutcome.Committed>().Select(static each => each.SlotState).ShouldBe([SlotState.Queued, SlotState.Done]);
    }

    [Fact]
    public async Task Claims_take_live_slots_first_then_whoever_waited_longest()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(5), Lane.Backfill, SlotState.Queued)], Cancel);
        await Store.Ledger.PlanAsync([new(HourSlot(4), Lane.Live, SlotState.Queued), new(HourSlot(3), Lane.Live, SlotState.Queued), new(HourSlot(2), Lane.Live, SlotState.Waiting)], Cancel);
        await Store.Ledger.PlanAsync([new(HourSlot(1, "trucks/other"), Lane.Live, SlotState.Queued)], Cancel);
        (await Store.Ledger.ClaimAsync(new([Build], 2, token, Minute), Cancel)).Select(static slot => slot.Id).ShouldBe([HourSlot(4), HourSlot(3)]);
        (await Store.Ledger.ClaimAsync(new([Build, "never/met"], 2, token, Minute), Cancel)).Select(static slot => slot.Id).ShouldBe([HourSlot(5)]);
        (await Store.Ledger.ClaimAsync(new(["trucks/other"], 1, token + 1_000, Minute), Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_claim_of_one_lane_leaves_the_other_alone()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Backfill, SlotState.Queued), new(HourSlot(1), Lane.Live, SlotState.Queued)], Cancel);
        var backfill = new ClaimRequest([Build], 10, token, Minute) { Lane = Lane.Backfill };
        (await Store.Ledger.ClaimAsync(backfill, Cancel)).ShouldHaveSingleItem().Id.ShouldBe(HourSlot(0));
        (await Store.Ledger.ClaimAsync(backfill, Cancel)).ShouldBeEmpty();
        (await Store.Ledger.ListAsync(new() { Lane = Lane.Live }, Cancel)).ShouldHaveSingleItem().State.ShouldBe(SlotState.Queued);
        (await Store.Ledger.ClaimAsync(backfill with { Lane = Lane.Live }, Cancel)).ShouldHaveSingleItem().Id.ShouldBe(HourSlot(1));
    }

    [Fact]
    public async Task What_both_lanes_want_is_taken_to_the_live_one_while_it_is_open()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Backfill, SlotState.Queued)], Cancel);
        await CommitAsync(Finishing(await ClaimOneAsync(token), result: new(7, "sum")));
        await Store.Ledger.PlanAsync([new(HourSlot(1), Lane.Backfill, SlotState.Queued), new(HourSlot(2), Lane.Backfill, SlotState.Waiting), new(HourSlot(3), Lane.Live, SlotState.Queued)], Cancel);
        var running = await ClaimOneAsync(token, lane: Lane.Backfill);
        running.Id.ShouldBe(HourSlot(1));
        (await Store.Ledger.ToLiveAsync([HourSlot(0), HourSlot(1), HourSlot(2), HourSlot(3), HourSlot(4)], Cancel)).ShouldBe(2, "one has ended, one is live, one is not there");
        (await Store.Ledger.FindAsync([HourSlot(0), HourSlot(1), HourSlot(2), HourSlot(3)], Cancel)).Select(static slot => slot.Lane).ShouldBe([Lane.Backfill, Lane.Live, Lane.Live, Lane.Live]);
        await CommitAsync(Finishing(running, result: new(7, "sum")));
        (await Store.Ledger.FindAsync(HourSlot(1), Cancel)).ShouldNotBeNull().ShouldSatisfyAllConditions(static slot => slot.State.ShouldBe(SlotState.Done), static slot => slot.Lane.ShouldBe(Lane.Live));
    }

    [Fact]
    public async Task Workers_racing_never_get_the_same_slot()
    {
        const int slots = 400, workers = 8;
        await using var other = await OpenAsync();
        ILedger[] ledgers = [Store.Ledger, other.Ledger];
        await Store.Ledger.PlanAsync([.. Enumerable.Range(0, slots).Select(static hour => new PlannedSlot(HourSlot(hour), Lane.Live, SlotState.Queued))], Cancel);
        var claimed = new ConcurrentBag<SlotId>();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            var token = await OpenWriterAsync($"worker {worker}");
            for (var empty = 0; empty < 3;)
            {
                var mine = await ledgers[worker % 2].ClaimAsync(new([Build], 7, token, Minute), Cancel);
                empty = mine.Count == 0 ? empty + 1 : 0;
                foreach (var slot in mine) claimed.Add(slot.Id);
                if (mine.Count > 0) (await Store.Commits.CommitAsync([.. mine.Select(static slot => Finishing(slot))], Cancel)).ShouldAllBe(static outcome => outcome is CommitOutcome.Committed);
            }
        })));
        claimed.Count.ShouldBe(slots);
        claimed.Distinct().Count().ShouldBe(slots);
        (await Store.Ledger.ListAsync(new() { States = [SlotState.Done] }, Cancel)).Count.ShouldBe(slots);
    }

    [Fact]
    public async Task A_slot_whose_lease_is_over_goes_to_the_next_and_the_late_finisher_is_refused()
    {
        var (first, second) = (await OpenWriterAsync(), await OpenWriterAsync());
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        var lost = await ClaimOneAsync(first);
        (await Store.Ledger.ClaimAsync(new([Build], 1, second, Minute), Cancel)).ShouldBeEmpty();
        (await Store.Ledger.RenewAsync([lost], Minute, Cancel)).ShouldBe([lost.Id]);
        await ExecuteAsync("update etl_slot set due = 1 where state = 2"); // the lease is over
        var taken = await ClaimOneAsync(second);
        (taken.Round, taken.Attempt, taken.Token).ShouldBe((1, 2, second));

        (await RefusedAsync(Finishing(lost))).ShouldContain("attempt 2");
        (await Store.Ledger.RenewAsync([lost], Minute, Cancel)).ShouldBeEmpty();
        await CommitAsync(Finishing(taken));
        var attempts = await Store.Ledger.AttemptsAsync(HourSlot(), Cancel);
        attempts.Select(static each => (each.Attempt, each.Token, each.State, each.Reason)).ShouldBe([(1, first, SlotState.Retrying, "lease over"), (2, second, SlotState.Done, "")]);
    }

    [Fact]
    public async Task A_retrying_slot_waits_for_its_time_and_keeps_its_round()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        var slot = await ClaimOneAsync(token);
        var failing = Finishing(slot, SlotState.Retrying, reason: "broker away");
        await CommitAsync(failing with { Slot = failing.Slot! with { NotBefore = (await Store.NowAsync(Cancel)).AddHours(1) } });
        (await Store.Ledger.ClaimAsync(new([Build], 1, token, Minute), Cancel)).ShouldBeEmpty();
        var retrying = (await Store.Ledger.FindAsync(HourSlot(), Cancel))!;
        (retrying.State, retrying.Round, retrying.Attempt, retrying.Reason).ShouldBe((SlotState.Retrying, 1, 1, "broker away"));
        await Store.Ledger.MoveAsync([new(retrying, SlotState.Queued, "now, please")], Cancel);
        (await ClaimOneAsync(token)).Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task An_attempt_that_is_put_off_goes_back_to_the_queue_for_its_time()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        var slot = await ClaimOneAsync(token);
        var putOff = Finishing(slot, SlotState.Queued, reason: "asked to wait");
        await Should.ThrowAsync<ArgumentException>(() => Committer.CommitAsync(putOff, Cancel));
        var then = Micros.ToInstant(Micros.Of((await Store.NowAsync(Cancel)).AddHours(1)));
        (await Committer.CommitAsync(putOff with { Slot = putOff.Slot! with { NotBefore = then } }, Cancel)).ShouldBeOfType<CommitOutcome.Committed>().SlotState.ShouldBe(SlotState.Queued);
        (await Store.Ledger.ClaimAsync(new([Build], 1, token, Minute), Cancel)).ShouldBeEmpty();
        var queued = (await Store.Ledger.FindAsync(HourSlot(), Cancel))!;
        (queued.State, queued.Round, queued.Attempt, queued.NotBefore, queued.Reason).ShouldBe((SlotState.Queued, 1, 1, then, "asked to wait"));
        (await Store.Ledger.AttemptsAsync(HourSlot(), Cancel)).Select(static each => (each.Attempt, each.State)).ShouldBe([(1, SlotState.Queued)]);
    }

    [Fact]
    public async Task Moves_are_compare_and_set_and_follow_the_table()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Waiting)], Cancel);
        var waiting = (await Store.Ledger.FindAsync(HourSlot(), Cancel))!;
        (await Store.Ledger.MoveAsync([new(waiting, SlotState.Queued, "inputs are there")], Cancel)).ShouldBe([HourSlot()]);
        (await Store.Ledger.MoveAsync([new(waiting, SlotState.Cancelled, "too late")], Cancel)).ShouldBeEmpty();
        await Should.ThrowAsync<ArgumentException>(() => Store.Ledger.MoveAsync([new(waiting, SlotState.Done, "")], Cancel));
        await Should.ThrowAsync<ArgumentException>(() => Store.Ledger.MoveAsync([new(waiting with { State = SlotState.Queued }, SlotState.Running, "")], Cancel));

        var running = await ClaimOneAsync(token);
        (await Store.Ledger.MoveAsync([new(running, SlotState.Cancelled, "by ada")], Cancel)).ShouldBe([HourSlot()]);
        (await RefusedAsync(Finishing(running))).ShouldContain("Cancelled");
        (await Store.Ledger.AttemptsAsync(HourSlot(), Cancel)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(static each => each.State.ShouldBe(SlotState.Cancelled), static each => each.Reason.ShouldBe("by ada"));
        var cancelled = (await Store.Ledger.FindAsync(HourSlot(), Cancel))!;
        await Store.Ledger.MoveAsync([new(cancelled, SlotState.Queued, "after all")], Cancel);
        (await ClaimOneAsync(token)).ShouldSatisfyAllConditions(static each => each.Round.ShouldBe(2), static each => each.Attempt.ShouldBe(1));
    }

    [Fact]
    public async Task Lists_filter_by_step_state_and_window_and_keep_the_newest()
    {
        await Store.Ledger.PlanAsync([.. Enumerable.Range(0, 30).Select(static hour => new PlannedSlot(HourSlot(hour), Lane.Live, hour % 2 == 0 ? SlotState.Queued : SlotState.Waiting)),
            new(HourSlot(3, "other/step") with { Key = "place 1" }, Lane.Live, SlotState.Queued)], Cancel);
        (await Store.Ledger.ListAsync(new(), Cancel)).Count.ShouldBe(31);
        (await Store.Ledger.ListAsync(new() { Steps = [Build], States = [SlotState.Waiting], From = Noon.AddHours(2), To = Noon.AddHours(6) }, Cancel)).Select(static slot => slot.Id).ShouldBe([HourSlot(3), HourSlot(5)]);
        (await Store.Ledger.ListAsync(new() { Steps = [Build], Max = 2 }, Cancel)).Select(static slot => slot.Id).ShouldBe([HourSlot(28), HourSlot(29)]);
        (await Store.Ledger.ListAsync(new() { From = Noon.AddHours(3), To = Noon.AddHours(4) }, Cancel)).Select(static slot => slot.Id.Step).ShouldBe(["other/step", Build]);
        (await Store.Ledger.ListAsync(new() { Steps = ["never/met"] }, Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Intents_stay_until_a_version_recorded_after_them_is_confirmed()
    {
        var token = await OpenWriterAsync();
        var window = HourSlot().Window;
        Task<IReadOnlyList<long>> IntendAsync(long version) => Store.Publishes.IntendAsync("mysql", "truck_hourly", window, version, Cancel);
        PendingCommit Confirming(long version) => new() { Kind = CommitKind.Publish, Token = token, Confirmed = new("mysql", "truck_hourly", window, version) };
        (await IntendAsync(10)).ShouldBeEmpty();
        (await IntendAsync(20)).ShouldBe([10]);
        (await IntendAsync(20)).ShouldBe([10]);
        (await IntendAsync(15)).ShouldBe([10, 20]); // a late one, begun after 20 had read the list
        var number = await CommitAsync(Confirming(20));
        (await CommitAsync(Confirming(20))).ShouldBe(number);
        (await IntendAsync(30)).ShouldBe([15, 20]);
        await CommitAsync(Confirming(30));
        (await IntendAsync(40)).ShouldBe([30]);
        (await Store.Publishes.IntendAsync("sqlite", "truck_hourly", window, 40, Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Intents_of_many_windows_are_recorded_at_once_and_answered_for_each()
    {
        var windows = Enumerable.Range(0, 48).Select(hour => HourSlot(hour).Window).ToList();
        await Store.Publishes.IntendAsync("cassandra", "truck_hourly", windows[7], 5, Cancel);
        var earlier = await Store.Publishes.IntendAsync("cassandra", "truck_hourly", [.. windows.Select((window, hour) => (window, 100L + hour))], Cancel);
        earlier.Select((versions, hour) => (hour, string.Join(",", versions))).Where(one => one.Item2.Length > 0).ShouldBe([(7, "5")]);
        (await Store.Publishes.IntendAsync("cassandra", "truck_hourly", windows[47], 1, Cancel)).ShouldBe([147]);
    }

    [Fact]
    public async Task Vacuum_gets_retired_files_that_nobody_needs()
    {
        var token = await OpenWriterAsync();
        var added = await CommitAsync(Adding(token, "events 1"));
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        var slot = await ClaimOneAsync(token);
        await CommitAsync(Adding(token, "events 2") with { Kind = CommitKind.Compact, Retired = ["events 1"], Changed = [] });
        async Task<string[]> VacuumableAsync() => [.. (await Store.Catalog.VacuumableAsync((await Store.NowAsync(Cancel)).AddSeconds(1), Cancel)).Select(static file => file.Path)];

        (await VacuumableAsync()).ShouldBeEmpty(); // the running slot reads it
        var done = await CommitAsync(Finishing(slot, result: new(1, "a")) with { Added = [new(Hourly, "r1", 1, 9, 1, [new(Noon, 1)], [])] });
        (await VacuumableAsync()).ShouldBe(["events 1"]);
        (await Store.Catalog.VacuumableAsync(Contracts.Time.Micros.ToInstant(added), Cancel)).ShouldBeEmpty(); // retired too recently

        await Store.Publishes.IntendAsync("mysql", "truck_hourly", HourSlot().Window, done, Cancel);
        await CommitAsync(new() { Kind = CommitKind.Build, Token = token, Added = [new(Hourly, "r2", 1, 9, 1, [new(Noon, 1)], [])], Retired = ["r1"] });
        (await VacuumableAsync()).ShouldBe(["events 1"]); // r1 may be half in the sink

        await Store.Catalog.ForgetAsync(["events 1", "events 2"], Cancel);
        (await Store.Catalog.ListedAsync(["events 1", "events 2", "r1"], Cancel)).Order().ShouldBe(["events 2", "r1"]);
        (await VacuumableAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Vacuum_keeps_of_a_window_only_versions_that_may_be_in_a_sink()
    {
        var token = await OpenWriterAsync();
        NewFile Result(string path, int hours) => new(Hourly, path, 1, 9, 1, [new(Noon.AddHours(hours), 1)], []);
        Task<long> ReplaceAsync(string[] retired, params NewFile[] added) => CommitAsync(new() { Kind = CommitKind.Build, Token = token, Added = added, Retired = retired });
        Task<long> PublishAsync(long version) => CommitAsync(new() { Kind = CommitKind.Publish, Token = token, Confirmed = new("mysql", "t", HourSlot().Window, version) });
        async Task<string[]> VacuumableAsync() => [.. (await Store.Catalog.VacuumableAsync((await Store.NowAsync(Cancel)).AddSeconds(1), Cancel)).Select(static file => file.Path)];

        var first = await ReplaceAsync([], Result("noon 1", 0), Result("one 1", 1)); // one commit for two windows, as adopt makes it
        await Store.Publishes.IntendAsync("mysql", "t", HourSlot().Window, first, Cancel);
        await PublishAsync(first);
        var second = await ReplaceAsync(["noon 1", "one 1"], Result("noon 2", 0), Result("one 2", 1));
        (await VacuumableAsync()).ShouldBe(["one 1"], "noon 1 is what the sink holds; its keys are needed once more");

        await Store.Publishes.IntendAsync("mysql", "t", HourSlot().Window, second, Cancel);
        var third = await ReplaceAsync(["noon 2"], Result("noon 3", 0));
        (await VacuumableAsync()).ShouldBe(["one 1"], "noon 2 may be half in the sink");

        await Store.Publishes.IntendAsync("mysql", "t", HourSlot().Window, third, Cancel);
        await PublishAsync(third);
        (await VacuumableAsync()).ShouldBe(["noon 1", "noon 2", "one 1"]);
    }
}

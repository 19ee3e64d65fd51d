using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    [Fact]
    public async Task Old_attempts_go_with_their_logs_but_for_the_last_the_last_success_and_the_one_that_made_the_result()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Live, SlotState.Queued), new(HourSlot(1), Lane.Live, SlotState.Queued), new(HourSlot(2), Lane.Live, SlotState.Waiting)], Cancel);
        async Task AttemptAsync(SlotId id, SlotState state, bool result = false)
        {
            var slot = (await Store.Ledger.FindAsync(id, Cancel))!;
            if (SlotTransitions.IsEnd(slot.State)) await Store.Ledger.MoveAsync([new(slot, SlotState.Queued, "again")], Cancel);
            var taken = await ClaimOneAsync(token);
            taken.Id.ShouldBe(id);
            var end = Finishing(taken, state, result ? new(7, $"sum {taken.Round}") : null);
            await CommitAsync(end with { Slot = end.Slot! with { NotBefore = state == SlotState.Retrying ? Noon.AddDays(-9_000) : null, Log = Said } });
        }
        async Task<IEnumerable<(int, int)>> LeftAsync(int hour) => (await Store.Ledger.AttemptsAsync(HourSlot(hour), Cancel)).Select(static attempt => (attempt.Round, attempt.Attempt));
        async Task<int> ForgetAsync(DateTimeOffset before)
        {
            int count = 0;
            Forgotten page = new(0, 0);
            for (int pages = 0; page.Next is { } after; count += page.Count)
            {
                pages++.ShouldBeLessThan(10);
                page = await Store.Logs.ForgetAttemptsAsync(before, after, 1, Cancel);
            }
            return count;
        }
        await AttemptAsync(HourSlot(0), SlotState.Retrying);
        await AttemptAsync(HourSlot(0), SlotState.Done, result: true);
        await AttemptAsync(HourSlot(1), SlotState.Done, result: true);
        for (int unchanged = 0; unchanged < 2; unchanged++) await AttemptAsync(HourSlot(1), SlotState.Done);
        await AttemptAsync(HourSlot(0), SlotState.Retrying);
        await AttemptAsync(HourSlot(0), SlotState.Failed);
        var now = await Store.NowAsync(Cancel);

        (await ForgetAsync(now.AddHours(-1))).ShouldBe(0);
        (await LeftAsync(0)).ShouldBe([(1, 1), (1, 2), (2, 1), (2, 2)]);
        (await ForgetAsync(now.AddHours(1))).ShouldBe(3);
        (await LeftAsync(0)).ShouldBe([(1, 2), (2, 2)]);
        (await LeftAsync(1)).ShouldBe([(1, 1), (3, 1)], "the one that made the result, and the last success");
        (await Store.Logs.BetweenAsync(new(), now.AddHours(-1), now.AddHours(1), Cancel)).Count.ShouldBe(4, "logs go with their attempts");

        await AttemptAsync(HourSlot(0), SlotState.Retrying);
        await AttemptAsync(HourSlot(0), SlotState.Retrying);
        (await ForgetAsync(now.AddHours(1))).ShouldBe(1);
        (await LeftAsync(0)).ShouldBe([(1, 2), (3, 1), (3, 2)], "a round that goes on stays whole");
        (await Store.Ledger.FindAsync(HourSlot(0), Cancel))!.Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task Ended_runs_are_forgotten_the_oldest_first_and_never_the_newest_or_the_last_that_was_done()
    {
        await Store.Runs.PlanAsync("main", [.. Enumerable.Range(0, 8).Select(hour => Hour(hour))], Noon.AddHours(8), Cancel);
        var claimed = await Store.Runs.ClaimAsync(["main"], 7, 1, Minute, Cancel);
        foreach (var (index, run) in claimed.OrderBy(static run => run.Fire).Index()) await Store.Runs.EndAsync(run, new(index < 4 ? RunState.Done : RunState.Failed, 1, 1, ""), Cancel);
        var later = (await Store.NowAsync(Cancel)).AddHours(1);
        async Task<IEnumerable<int>> LeftAsync() => (await Store.Runs.ListAsync(new(), Cancel)).Select(static run => (int)(run.Fire - Noon).TotalHours).Order();
        (await Store.Runs.ForgetAsync(later.AddHours(-2), 100, Cancel)).ShouldBe(0);
        (await Store.Runs.ForgetAsync(later, 2, Cancel)).ShouldBe(2);
        (await LeftAsync()).ShouldBe([2, 3, 4, 5, 6, 7]);
        (await Store.Runs.ForgetAsync(later, 100, Cancel)).ShouldBe(4);
        (await LeftAsync()).ShouldBe([3, 7], "the last that was done, and the one that is open");
        (await Store.Runs.PlanAsync("main", [Hour(7)], Noon.AddHours(8), Cancel)).ShouldBeEmpty("a fire that has a run makes no other");
    }

    [Fact]
    public async Task Writers_of_old_calls_are_forgotten_but_for_those_that_something_names()
    {
        const string feed = "trucks/land_truck_telemetry";
        long idle = await OpenWriterAsync("idle"), commits = await OpenWriterAsync("commits"), feeds = await OpenWriterAsync("feeds"), works = await OpenWriterAsync("works"), live = await OpenWriterAsync("live"), newest = await OpenWriterAsync("newest");
        long number = await CommitAsync(Adding(commits, "a"));
        await Store.Feeds.TakeAsync(feed, feeds, Minute, Cancel);
        await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Live, SlotState.Queued)], Cancel);
        var running = await ClaimOneAsync(works);
        foreach (long closed in (long[])[idle, commits, feeds, works, newest]) await Store.Commits.CloseWriterAsync(closed, Cancel);
        var later = (await Store.NowAsync(Cancel)).AddDays(1);
        (await Store.Commits.ForgetWritersAsync(later, 0, 100, Cancel)).Count.ShouldBe(0, "their files are not swept yet");
        await Store.Commits.MarkSweptAsync([idle, commits, feeds, works, newest], DateTimeOffset.MaxValue, Cancel);
        (await Store.Commits.ForgetWritersAsync(later.AddDays(-2), 0, 100, Cancel)).Count.ShouldBe(0, "they are not old");

        var first = await Store.Commits.ForgetWritersAsync(later, 0, 1, Cancel);
        first.ShouldBe(new(1, idle));
        (await Store.Commits.ForgetWritersAsync(later, first.Next!.Value, 100, Cancel)).ShouldBe(new(0, newest));
        (await Store.Commits.ForgetWritersAsync(later, newest, 100, Cancel)).ShouldBe(new(0, null));
        (await Store.Commits.FindAsync(number, Cancel))!.Writer.ShouldBe("commits");
        (await Store.Ledger.AttemptsAsync(running.Id, Cancel)).ShouldHaveSingleItem().Worker.ShouldBe("works");
        (await RefusedAsync(Adding(idle, "b"))).ShouldContain($"{idle}");
        (await Store.Commits.RenewWriterAsync(live, Minute, Cancel)).ShouldBeTrue();
        (await OpenWriterAsync()).ShouldBeGreaterThan(newest, "tokens only grow");
    }
}

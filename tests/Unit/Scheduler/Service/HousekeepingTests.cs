using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Service;
using Etl.Tests.Unit.Scheduler.Running;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Service;

public sealed class HousekeepingTests
{
    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);

    [Fact]
    public async Task Runs_attempts_and_writers_go_after_their_time_and_what_is_needed_stays()
    {
        await using var room = await RunRoom.OpenAsync();
        int tries = 0;
        room.Jobs.Instead = (step, context) =>
        {
            context.Log.Info("said");
            return Task.FromResult<JobResult?>(step == room.Truck.Hourly && ++tries < 3 ? new JobResult.Failed(FailureClass.Transient, "away") : null);
        };
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        await room.RunAsync();
        var slot = room.Truck.Slot(room.Truck.Hourly, Seven);
        var runs = await room.Metadata.Runs.PlanAsync("trucks", [.. Enumerable.Range(0, 5).Select(hour => new PlannedRun(RunKind.Scheduled, Seven.AddHours(hour), Seven, Seven, Lane.Live, "{}", "", ""))], null, default);
        foreach (var run in await room.Metadata.Runs.ClaimAsync(["trucks"], 4, 1, TimeSpan.FromMinutes(1), default)) await room.Metadata.Runs.EndAsync(run, new(RunState.Done, 1, 1, ""), default);
        var housekeeping = new Housekeeping(room.Metadata, TimeSpan.FromDays(200), TimeSpan.FromDays(90), room.Clock);

        room.Clock.Advance(TimeSpan.FromDays(89));
        await housekeeping.PassAsync(default);
        (await room.Metadata.Ledger.AttemptsAsync(slot, default)).Count.ShouldBe(3);
        (await room.Metadata.Runs.ListAsync(new(), default)).Count.ShouldBe(5);

        room.Clock.Advance(TimeSpan.FromDays(2));
        await housekeeping.PassAsync(default);
        var left = (await room.Metadata.Logs.OfAsync(slot, default)).ShouldHaveSingleItem();
        (left.Attempt.Attempt, left.Attempt.State, left.Lines.Count).ShouldBe((3, SlotState.Done, 1), "its own log is kept as long as logs are");
        (await room.Metadata.Logs.BetweenAsync(new(), Utc(1, 1, 0), Utc(12, 31, 0), default)).Count(story => story.Slot == slot).ShouldBe(1, "logs of what is forgotten go with it");
        (await room.Metadata.Runs.ListAsync(new(), default)).Select(run => (run.Id, run.State)).ShouldBe([(runs[4].Id, RunState.Queued), (runs[3].Id, RunState.Done)]);
    }

    [Fact]
    public async Task A_pass_is_bounded_and_the_next_goes_on_where_it_stood()
    {
        await using var room = await RunRoom.OpenAsync();
        var tries = new Dictionary<DateTimeOffset, int>();
        room.Jobs.Instead = (step, context) =>
        {
            if (step != room.Truck.Hourly) return Task.FromResult<JobResult?>(null);
            lock (tries) return Task.FromResult<JobResult?>((tries[context.Window.Start] = tries.GetValueOrDefault(context.Window.Start) + 1) < 2 ? new JobResult.Failed(FailureClass.Transient, "away") : null);
        };
        DateTimeOffset[] hours = [.. Enumerable.Range(0, 4).Select(hour => Seven.AddHours(hour))];
        await room.LandAsync(hours);
        await room.CloseAsync(Utc(3, 1, 12));
        await room.RunAsync();
        room.Clock.Advance(TimeSpan.FromDays(100));
        var housekeeping = new Housekeeping(room.Metadata, TimeSpan.FromDays(1), TimeSpan.FromDays(90), room.Clock) { PagesMax = 1, SlotsPerPage = 2 };
        List<int> left = [];
        for (int pass = 0; pass < 8; pass++)
        {
            await housekeeping.PassAsync(default);
            int attempts = 0;
            foreach (var hour in hours) attempts += (await room.Metadata.Ledger.AttemptsAsync(room.Truck.Slot(room.Truck.Hourly, hour), default)).Count;
            left.Add(attempts);
        }
        left[0].ShouldBeGreaterThan(4, "one page does not see all slots");
        left.Zip(left.Skip(1)).ShouldAllBe(pair => pair.First >= pair.Second);
        left[^1].ShouldBe(4);
    }
}

using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

/// <summary>One of two sinks dies in the middle of a run, for a minute of the run's clock.</summary>
public sealed class DeadSinkTests
{
    private const int Hours = 12, CallsBefore = 4, Failures = 3, Parallelism = 4, FailedProbes = 3; // after 5, 15 and 35 s; the one after 75 s finds it back

    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);

    [Fact]
    public async Task It_is_left_alone_while_the_other_goes_on_and_heals_with_each_window_published_once()
    {
        await using var room = await RunRoom.OpenAsync();
        var other = room.Truck.Dag.Publish(room.Truck.Hourly, to: [new("other")])[0];
        room.Breakers = new(new() { FailuresMax = Failures }, room.Clock);
        var told = new List<string>();
        room.Breakers.Told += told.Add;
        int calls = 0, failed = 0;
        long back = long.MaxValue; // ticks
        room.Jobs.Instead = (step, _) =>
        {
            if (step != room.Truck.Publish) return Task.FromResult<JobResult?>(null);
            long now = room.Clock.GetUtcNow().UtcTicks;
            if (Interlocked.Increment(ref calls) == CallsBefore) Volatile.Write(ref back, now + TimeSpan.TicksPerMinute);
            if (Volatile.Read(ref back) == long.MaxValue || now >= Volatile.Read(ref back)) return Task.FromResult<JobResult?>(null);
            Interlocked.Increment(ref failed);
            return Task.FromResult<JobResult?>(new JobResult.Failed(FailureClass.Transient, "no answer"));
        };
        await room.LandAsync(Enumerable.Range(0, Hours).Select(hour => Seven.AddHours(hour)));
        await room.CloseAsync(Seven.AddHours(Hours));

        var report = await room.RunAsync();

        report.Open.Where(slot => slot.Id.Step != room.Truck.Daily.FullName).ShouldBeEmpty();
        told.Count.ShouldBe(2, string.Join('\n', told));
        told[0].ShouldContain("sink sink failed 3 times in a row");
        told[1].ShouldContain("sink sink answers again");
        failed.ShouldBeInRange(Failures + FailedProbes, Failures + FailedProbes + Parallelism, "who is left alone is probed by one call at a time");
        var others = room.Jobs.Runs.Where(run => run.Step == other).ToList();
        others.Count.ShouldBe(Hours, "each once");
        others.ShouldAllBe(run => run.At.UtcTicks < back, "it did not wait for the dead one");
        bool wasPutOff = false;
        for (int hour = 0; hour < Hours; hour++)
        {
            var attempts = await room.Metadata.Ledger.AttemptsAsync(room.Truck.Slot(room.Truck.Publish, Seven.AddHours(hour)), default);
            attempts.Count(attempt => attempt.State == SlotState.Done).ShouldBe(1);
            attempts[^1].State.ShouldBe(SlotState.Done);
            wasPutOff |= attempts.Any(attempt => attempt.State == SlotState.Queued && attempt.Reason.Contains("is left alone for", StringComparison.Ordinal));
        }
        wasPutOff.ShouldBeTrue("some waited without spending an attempt");
    }
}

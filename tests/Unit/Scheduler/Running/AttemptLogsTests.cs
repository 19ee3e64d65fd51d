using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Service;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

/// <summary>What attempts say, from the job to the store.</summary>
public sealed class AttemptLogsTests
{
    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);

    [Fact]
    public async Task Each_attempt_of_a_slot_keeps_its_own_log()
    {
        await using var room = await RunRoom.OpenAsync();
        int tries = 0;
        room.Jobs.Instead = (step, context) =>
        {
            if (step != room.Truck.Hourly) return Task.FromResult<JobResult?>(null);
            context.Log.Info($"try {++tries}");
            return Task.FromResult<JobResult?>(tries < 3 ? new JobResult.Failed(FailureClass.Transient, "the server is away") : null);
        };
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        (await room.RunAsync()).Built.ShouldBe(1);
        var stories = await room.Metadata.Logs.OfAsync(room.Truck.Slot(room.Truck.Hourly, Seven), default);
        stories.Select(story => (story.Attempt.Attempt, story.Attempt.State, story.Lines[0].Text)).ShouldBe([(1, SlotState.Retrying, "try 1"), (2, SlotState.Retrying, "try 2"), (3, SlotState.Done, "try 3")]);
        stories[1].Lines.Select(line => line.Text.Split(';')[0]).ShouldBe(["try 2", "transient failure: the server is away", $"attempt 2 of {new RetryPolicy().AttemptsMax}"]);
        stories[2].Lines.ShouldHaveSingleItem();
        stories.ShouldAllBe(story => story.Attempt.Worker == "run truck" || story.Attempt.Worker.StartsWith("run "));

        var check = (await room.Metadata.Logs.OfAsync(room.Truck.Slot(room.Truck.Check, Seven), default)).ShouldHaveSingleItem();
        (check.Attempt.State, check.Lines.Count).ShouldBe((SlotState.Done, 0));
        var all = new SlotFilter { Max = 10 };
        (await room.Metadata.Logs.BetweenAsync(all, Utc(3, 1, 0), Utc(12, 31, 0), default)).Count.ShouldBe(3, "those that said nothing have no row");
    }

    [Fact]
    public async Task What_is_older_than_it_is_kept_is_forgotten_hour_by_hour()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Jobs.Instead = (_, context) =>
        {
            context.Log.Info("said");
            return Task.FromResult<JobResult?>(null);
        };
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        await room.RunAsync();
        using var stop = new CancellationTokenSource();
        var keeper = new Housekeeping(room.Metadata, TimeSpan.FromDays(1), TimeSpan.FromDays(90), room.Clock).RunAsync(message => throw new InvalidOperationException(message), stop.Token);
        var slot = room.Truck.Slot(room.Truck.Hourly, Seven);
        async Task<int> LinesAsync()
        {
            for (int turn = 0; turn < 50; turn++)
            {
                await Task.Yield();
                await room.Metadata.NowAsync(default);
            }
            return (await room.Metadata.Logs.OfAsync(slot, default)).ShouldHaveSingleItem("the attempt itself stays").Lines.Count;
        }
        (await LinesAsync()).ShouldBe(1);
        for (int hour = 0; hour < 23; hour++)
        {
            room.Clock.Advance(TimeSpan.FromHours(1));
            (await LinesAsync()).ShouldBe(1);
        }
        for (int hour = 0; hour < 3; hour++)
        {
            room.Clock.Advance(TimeSpan.FromHours(1));
            await LinesAsync();
        }
        (await LinesAsync()).ShouldBe(0);
        await stop.CancelAsync();
        await keeper;
    }
}

using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Service;

namespace Etl.Tests.Unit.Scheduler.Service;

/// <summary>Pools in a whole node: its loops take turns without being told by the clock.</summary>
public sealed class PooledStepsTests
{
    private static readonly DateTimeOffset Hour = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Steps_of_one_pool_run_one_by_one_beside_others_and_the_run_ends_with_all_of_them()
    {
        var dag = new Dag("trucks");
        var events = dag.Land(topic: "Events", time: "at");
        var heavy = dag.Build("hourly", Grain.Hour, "hourly.sql", from: events, key: ["truck"]).Within(new() { Pool = "heavy" });
        dag.Build("daily", Grain.Day, "daily.sql", from: heavy, key: ["truck"]).Within(new() { Pool = "heavy" });
        var light = dag.Build("light", Grain.Hour, "light.sql", from: events, key: ["truck"]);
        await using var room = await NodeRoom.OpenAsync(dag);
        int under = 0, most = 0, beside = 0;
        room.Instead = async (step, _, cancel) =>
        {
            if (step == light) Interlocked.Increment(ref beside);
            if (step.Limits.Pool is null) return null;
            most = Math.Max(most, Interlocked.Increment(ref under));
            await Task.Yield();
            Interlocked.Decrement(ref under);
            return null;
        };
        for (int hours = 0; hours < 8; hours++) room.Topic.Send(Hour.AddHours(hours));
        var node = room.Start();
        var run = await room.TriggerAsync();
        node.RunsCame();
        var end = await room.EndAsync(run);
        (end.State, end.Windows).ShouldBe((RunState.Done, 17L), end.Reason);
        (most, beside).ShouldBe((1, 8));
    }

    /// <summary>The polls have a loop of their own: it is held back while a build has the place, and no clock wakes it within the time of this test.</summary>
    [Fact]
    public async Task A_loop_that_found_its_pool_full_goes_on_when_another_one_gives_the_place_back()
    {
        var dag = new Dag("weather") { LookbackDays = 1 };
        var events = dag.Land("Weather", "at");
        var poll = dag.Poll("poll", "source", into: events).Within(new() { Pool = "heavy" });
        dag.Build("hourly", Grain.Hour, "hourly.sql", events, ["place"]).Within(new() { Pool = "heavy" });
        await using var room = await NodeRoom.OpenAsync(dag);
        Node? node = null;
        Run? second = null;
        int under = 0, most = 0;
        room.Instead = async (step, _, cancel) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref under));
            if (step is BuildStep && second is null)
            {
                second = await room.TriggerAsync();
                node!.RunsCame();
                while ((await room.Metadata.Ledger.ListAsync(new() { Steps = [poll.FullName], States = [SlotState.Queued] }, cancel)).Count == 0) await Task.Yield();
            }
            Interlocked.Decrement(ref under);
            return null;
        };
        node = room.Start();
        var first = await room.TriggerAsync();
        node.RunsCame();
        (await room.EndAsync(first)).State.ShouldBe(RunState.Done);
        var end = await room.EndAsync(second.ShouldNotBeNull());
        (end.State, most).ShouldBe((RunState.Done, 1), end.Reason);
    }

    [Fact]
    public async Task A_place_that_another_process_gives_back_is_found_by_looking_again()
    {
        var dag = new Dag("weather");
        var events = dag.Land("Weather", "at");
        dag.Poll("poll", "source", into: events).Within(new() { Pool = "heavy" });
        dag.Build("hourly", Grain.Hour, "hourly.sql", events, ["place"]);
        await using var room = await NodeRoom.OpenAsync(dag);
        long token = await room.Metadata.Commits.OpenWriterAsync("other", TimeSpan.FromDays(1), default);
        Task<IReadOnlyList<long>> TakeAsync() => room.Metadata.Pools.TakeAsync(new("heavy", 1, "other", Lane.Backfill, 1, token, TimeSpan.FromDays(1)), default);
        var held = await TakeAsync();
        var node = room.Start();
        var run = await room.TriggerAsync();
        node.RunsCame();
        while (held.Count > 0) // until it is the node's turn: it has asked in vain
        {
            await Task.Yield();
            await room.Metadata.Pools.GiveAsync(held, token, default);
            held = await TakeAsync();
        }
        (await room.EndAsync(run).WaitAsync(TimeSpan.FromSeconds(30))).State.ShouldBe(RunState.Done, "no other ring wakes the loop of the polls for a minute");
    }
}

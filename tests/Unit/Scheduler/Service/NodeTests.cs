using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Service;

namespace Etl.Tests.Unit.Scheduler.Service;

public sealed class NodeTests
{
    private static readonly DateTimeOffset Hour = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_run_ends_when_all_that_was_there_has_landed_and_is_built_and_published()
    {
        await using var room = await NodeRoom.OpenAsync(Truck());
        for (int hours = 0; hours < 3; hours++) room.Topic.Send(Hour.AddHours(hours));
        var node = room.Start();
        var run = await room.TriggerAsync();
        node.RunsCame();
        var end = await room.EndAsync(run);
        (end.State, end.Windows, end.Rows).ShouldBe((RunState.Done, 6L, 6L), end.Reason); // three hours, each built and published
        var stored = (await room.Metadata.Runs.FindAsync(run.Id, default))!;
        (stored.State, stored.Windows, stored.Ended is not null, stored.CodeVersion).ShouldBe((RunState.Done, 6, true, "test"));
    }

    [Fact]
    public async Task A_run_ends_though_the_feeds_that_it_waits_for_are_another_process_s()
    {
        await using var room = await NodeRoom.OpenAsync(Truck());
        room.Start(Roles.Feeds);
        while (await room.Metadata.Catalog.FrontierAsync(Truck().Steps.OfType<LandStep>().First().Dataset, default) is null) await Task.Yield(); // the first is passed on in any case
        room.Start(Roles.Worker);
        (await room.EndAsync(await room.TriggerAsync())).State.ShouldBe(RunState.Done);
    }

    [Fact]
    public async Task What_a_feed_landed_and_failed_at_is_kept()
    {
        await using var room = await NodeRoom.OpenAsync(Truck());
        int troubles = 1;
        room.Topic.Trouble = () => troubles-- > 0 ? new InvalidOperationException("the broker spoke in tongues") : null;
        room.Topic.Send(Hour);
        var node = room.Start();
        var run = await room.TriggerAsync();
        node.RunsCame();
        (await room.EndAsync(run)).State.ShouldBe(RunState.Done);
        await room.StopAsync();
        var stories = await room.Metadata.Feeds.StoriesAsync(room.Topic.Name, 10, default);
        stories.Count.ShouldBe(2);
        stories[0].Lines[0].Text.ShouldStartWith("System.InvalidOperationException: the broker spoke in tongues");
        stories[0].Lines[1].Text.ShouldBe("starts again in 1 s at most");
        stories[1].Lines.ShouldHaveSingleItem().Text.ShouldStartWith("1 landed in commit ");
        stories.ShouldAllBe(story => story.Ended != null && story.Worker.StartsWith("up "));
    }

    /// <summary>The feed's own beat comes too late for this test: each run, and each poll that has sent something, must wake it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_run_after_the_other_has_its_topic_looked_at_at_once(bool polls)
    {
        await using var room = await NodeRoom.OpenAsync(polls ? Polled() : Truck());
        var node = room.Start(feedEvery: TimeSpan.FromHours(1));
        for (int runs = 0; runs < 3; runs++)
        {
            if (!polls) room.Topic.Send(Hour.AddHours(runs));
            var run = await room.TriggerAsync();
            node.RunsCame();
            var end = await room.EndAsync(run);
            end.State.ShouldBe(RunState.Done, end.Reason);
            end.Windows.ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public async Task A_run_with_a_failing_step_fails_with_its_reason_and_is_done_when_it_is_queued_again_after_the_repair()
    {
        await using var room = await NodeRoom.OpenAsync(Polled());
        bool broken = true;
        room.Instead = (step, _, _) => Task.FromResult<JobResult?>(step is PollStep && broken ? new JobResult.Failed(FailureClass.Contract, "the source answered in another unit") : null);
        var node = room.Start();
        var run = await room.TriggerAsync();
        node.RunsCame();
        var failed = await room.EndAsync(run);
        failed.State.ShouldBe(RunState.Failed);
        failed.Reason.ShouldContain("the source answered in another unit");
        failed.Reason.ShouldContain("weather/poll");
        broken = false;
        (await room.Metadata.Runs.MoveAsync((await room.Metadata.Runs.FindAsync(run.Id, default))!, RunState.Queued, "again", default)).ShouldBeTrue();
        node.RunsCame();
        var done = await room.EndAsync(run);
        done.State.ShouldBe(RunState.Done, done.Reason);
        (await room.Metadata.Runs.FindAsync(run.Id, default))!.Round.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_further_round_gives_what_was_built_wrongly_another_chance(bool polls)
    {
        await using var room = await NodeRoom.OpenAsync(polls ? Polled() : Truck());
        if (!polls) room.Topic.Send(Hour);
        bool broken = true;
        room.Instead = (step, _, _) => Task.FromResult<JobResult?>(step is BuildStep && broken ? new JobResult.Failed(FailureClass.Data, "a truck drives backwards") : null);
        var node = room.Start();
        var run = await room.TriggerAsync();
        node.RunsCame();
        (await room.EndAsync(run)).Reason.ShouldContain("a truck drives backwards");
        broken = false;
        await room.Metadata.Runs.MoveAsync((await room.Metadata.Runs.FindAsync(run.Id, default))!, RunState.Queued, "again", default);
        node.RunsCame();
        var done = await room.EndAsync(run);
        done.State.ShouldBe(RunState.Done, done.Reason);
        (await room.Metadata.Ledger.ListAsync(new() { States = [SlotState.Failed, SlotState.Waiting, SlotState.Queued] }, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_of_polls_waits_until_what_they_sent_is_built()
    {
        await using var room = await NodeRoom.OpenAsync(Polled());
        var node = room.Start();
        var run = await room.TriggerAsync();
        node.RunsCame();
        var end = await room.EndAsync(run);
        (end.State, end.Windows).ShouldBe((RunState.Done, 4L), end.Reason); // today and a day of lookback: polled, and an hour of each built
    }

    [Fact]
    public async Task A_stopped_node_leaves_nothing_running_and_the_next_one_goes_on()
    {
        await using var room = await NodeRoom.OpenAsync(Truck());
        room.Topic.Send(Hour);
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        room.Instead = async (step, _, cancel) =>
        {
            if (step is not BuildStep) return null;
            began.TrySetResult();
            await new TaskCompletionSource<JobResult?>().Task.WaitAsync(cancel); // a step that never ends by itself
            return null;
        };
        var node = room.Start(drain: TimeSpan.FromMilliseconds(100));
        var run = await room.TriggerAsync();
        node.RunsCame();
        await began.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await room.StopAsync();
        var slots = await room.Metadata.Ledger.ListAsync(new(), default);
        slots.ShouldNotContain(slot => slot.State == SlotState.Running);
        slots.ShouldContain(slot => slot.State == SlotState.Queued);
        (await room.Metadata.Runs.FindAsync(run.Id, default))!.State.ShouldBe(RunState.Queued);
        (await room.Metadata.Feeds.ListAsync(default)).ShouldAllBe(feed => feed.State == FeedState.Stopped);
        (await room.Metadata.Runs.ClaimAsync([room.Dag.Name], 1, 99, TimeSpan.FromMinutes(1), default)).Count.ShouldBe(1, "it is due at once");
    }

    [Fact]
    public async Task A_feed_that_fails_is_started_again_and_its_error_is_kept()
    {
        await using var room = await NodeRoom.OpenAsync(Truck());
        int troubles = 0;
        room.Topic.Trouble = () => troubles++ == 0 ? new StoreException("the broker is away", isTransient: true) : null;
        room.Topic.Send(Hour);
        var node = room.Start();
        var run = await room.TriggerAsync();
        node.RunsCame();
        (await room.EndAsync(run)).State.ShouldBe(RunState.Done);
        var feed = (await room.Metadata.Feeds.ListAsync(default)).ShouldHaveSingleItem();
        (feed.LastError, feed.Landed).ShouldBe(("the broker is away", 1));
        room.Said.ShouldContain(line => line.Contains("the broker is away"));
    }

    [Fact]
    public async Task While_the_database_s_clock_is_off_nothing_is_committed_and_when_it_is_mended_the_run_goes_on()
    {
        var clock = new SetTime();
        await using var room = await NodeRoom.OpenAsync(Truck(), clock, lease: TimeSpan.FromSeconds(1));
        var said = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isSet = false;
        room.Instead = (step, _, _) =>
        {
            if (step is BuildStep && !isSet) (isSet, clock.Off) = (true, TimeSpan.FromHours(1));
            return Task.FromResult<JobResult?>(null);
        };
        room.Topic.Send(Hour);
        var node = room.Start();
        node.Said += line =>
        {
            if (line.Contains("time server", StringComparison.Ordinal)) said.TrySetResult(line);
        };
        var run = await room.TriggerAsync();
        node.RunsCame();
        (await said.Task.WaitAsync(TimeSpan.FromSeconds(60))).ShouldContain("commits stop beyond 5 min apart");
        (await room.Metadata.Ledger.ListAsync(new() { States = [SlotState.Done] }, default)).ShouldBeEmpty();
        clock.Off = TimeSpan.Zero;
        var end = await room.EndAsync(run);
        (end.State, end.Windows).ShouldBe((RunState.Done, 2L), end.Reason); // the hour, built and published
    }

    [Fact]
    public async Task A_run_whose_parameters_are_not_good_fails_with_all_that_is_wrong()
    {
        await using var room = await NodeRoom.OpenAsync(Polled(new NoArguments()));
        var node = room.Start();
        var run = await room.TriggerAsync();
        node.RunsCame();
        var end = await room.EndAsync(run);
        (end.State, end.Reason).ShouldBe((RunState.Failed, "weather: one is wrong; two is wrong. A run keeps its parameters: make another one with `etl trigger weather --param NAME=VALUE`"));
    }

    [Theory]
    [InlineData(1, 1)] // fetched long after its values had settled: it stays
    [InlineData(1_000_000, 2)]
    public async Task A_run_fetches_days_again_whose_values_had_not_settled(int settlesDays, int fetches)
    {
        await using var room = await NodeRoom.OpenAsync(Polled(new OneDay(TimeSpan.FromDays(settlesDays))));
        int fetched = 0;
        room.Instead = (step, _, _) =>
        {
            if (step is PollStep) Interlocked.Increment(ref fetched);
            return Task.FromResult<JobResult?>(null);
        };
        var node = room.Start();
        for (int calls = 0; calls < 2; calls++)
        {
            var run = await room.TriggerAsync();
            node.RunsCame();
            (await room.EndAsync(run)).State.ShouldBe(RunState.Done);
        }
        fetched.ShouldBe(fetches);
    }

    private static Dag Truck()
    {
        var dag = new Dag("trucks");
        var hourly = dag.Build("hourly", Grain.Hour, "hourly.sql", dag.Land("Events", "at"), ["truck"]);
        dag.Publish(hourly, [TruckDag.Sink]);
        return dag;
    }

    private static Dag Polled(IDagArguments? arguments = null)
    {
        var dag = new Dag("weather") { LookbackDays = 1, Arguments = arguments };
        var events = dag.Land("Weather", "at");
        dag.Poll("poll", "source", into: events);
        dag.Build("hourly", Grain.Hour, "hourly.sql", events, ["place"]);
        return dag;
    }

    /// <summary>A call for one day that is long past.</summary>
    private sealed class OneDay(TimeSpan settles) : IDagArguments
    {
        public IReadOnlyList<DagParameter> Parameters => [];

        public DagCall? Read(Dag dag, IReadOnlyDictionary<string, string> texts, DateTimeOffset now, out IReadOnlyList<string> faults)
        {
            faults = [];
            return new(texts, [new(dag.Steps.OfType<PollStep>().Single(), "", [dag.Calendar.Day(new(2026, 3, 1))])], Again: false) { Settles = settles };
        }
    }

    private sealed class NoArguments : IDagArguments
    {
        public IReadOnlyList<DagParameter> Parameters => [];

        public DagCall? Read(Dag dag, IReadOnlyDictionary<string, string> texts, DateTimeOffset now, out IReadOnlyList<string> faults)
        {
            faults = ["one is wrong", "two is wrong"];
            return null;
        }
    }

    /// <summary>The wall clock, set by so much.</summary>
    private sealed class SetTime : TimeProvider
    {
        public TimeSpan Off { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Off;
    }
}

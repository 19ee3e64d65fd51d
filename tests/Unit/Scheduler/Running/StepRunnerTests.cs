using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;
using Microsoft.Extensions.Time.Testing;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

public sealed class StepRunnerTests
{
    private static readonly TruckDag Truck = new();
    private readonly FakeTimeProvider _clock = new(Utc(3, 1, 12));

    public static TheoryData<Exception, FailureClass> Thrown => new()
    {
        { new StoreException("away", isTransient: true), FailureClass.Transient },
        { new StoreException("wrong password", isTransient: false), FailureClass.Contract },
        { new WorkException(FailureClass.Data, "two rows"), FailureClass.Data },
        { new WorkException(FailureClass.Throttled, "busy"), FailureClass.Throttled },
        { new IOException("disk"), FailureClass.Transient },
        { new InvalidOperationException("ours"), FailureClass.Bug },
        { new OperationCanceledException("not by the caller"), FailureClass.Bug },
    };

    [Theory]
    [MemberData(nameof(Thrown))]
    public async Task What_a_job_throws_becomes_a_failure_of_its_class(Exception thrown, FailureClass expected)
    {
        var failed = (await Runner().RunAsync(new Job(_ => throw thrown), Context, default)).ShouldBeOfType<JobResult.Failed>();
        (failed.Class, failed.Reason.Contains(thrown.Message, StringComparison.Ordinal)).ShouldBe((expected, true));
    }

    [Fact]
    public async Task The_callers_own_cancelling_is_no_failure()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await Runner().RunAsync(new Job(stop => throw new OperationCanceledException(stop)), Context, cancel.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_attempt_past_its_time_is_told_to_stop_and_tried_again(bool saysSo)
    {
        var dag = new Dag("slow");
        var step = dag.Build("hourly", Etl.Contracts.Time.Grain.Hour, "hourly.sql", dag.Land("events", "time"), ["id"]).Within(new() { Time = TimeSpan.FromMinutes(5) });
        var running = Runner().RunAsync(new Hanging(saysSo), Context with { Step = step }, default);
        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        running.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        var failed = (await running).ShouldBeOfType<JobResult.Failed>();
        (failed.Class, failed.Reason).ShouldBe((FailureClass.Transient, "stopped: found it running still after 5 min, its time limit; let it do less at a time, or raise Within(new() { Time = … }) of slow/hourly, or Steps:TimeLimitSeconds"));
        End(failed).State.ShouldBe(SlotState.Retrying);
        End(failed, 3).Reason.ShouldStartWith("gave up after 3 attempts: stopped: ");
    }

    [Theory]
    [InlineData(FailureClass.Contract, true, new[] { 3, 1, 1, 1 })]
    [InlineData(FailureClass.Bug, true, new[] { 3, 1, 1, 1 })]
    [InlineData(FailureClass.Transient, true, new[] { 3 })] // the same attempt is made again soon
    [InlineData(FailureClass.Contract, false, new[] { 3 })]
    public async Task One_window_that_cannot_be_done_does_not_fail_those_that_were_run_with_it(FailureClass failure, bool isSplit, int[] calls)
    {
        JobContext[] contexts = [.. Enumerable.Range(7, 3).Select(hour => Context with { Window = Etl.Contracts.Time.WindowCalendar.Of("UTC").HourOf(Utc(3, 1, hour)), Log = new AttemptLog(_clock) })];
        var job = new Group(contexts[1].Window, failure, isSplit);
        var results = await Runner().RunAsync(job, contexts, default);
        job.Calls.ShouldBe(calls);
        results.Select(result => result is JobResult.Failed).ShouldBe(calls.Length > 1 ? [false, true, false] : [true, true, true]);
        if (calls.Length > 1) contexts[0].Log.Lines.ShouldHaveSingleItem().Text.ShouldBe("3 windows failed together (this one is bad); this one is tried alone");
    }

    [Fact]
    public async Task Work_that_ends_well_past_its_time_is_kept()
    {
        var runner = Runner();
        (await runner.RunAsync(new Job(_ =>
        {
            _clock.Advance(TimeSpan.FromHours(2));
            return new JobResult.Unchanged();
        }), Context, default)).ShouldBeOfType<JobResult.Unchanged>();
    }

    [Theory]
    [InlineData(FailureClass.Transient, 1, SlotState.Retrying, "away")]
    [InlineData(FailureClass.Throttled, 2, SlotState.Retrying, "away")]
    [InlineData(FailureClass.Transient, 3, SlotState.Failed, "gave up after 3 attempts: away")]
    [InlineData(FailureClass.Data, 1, SlotState.Failed, "data: away")]
    [InlineData(FailureClass.Contract, 1, SlotState.Failed, "contract: away")]
    [InlineData(FailureClass.Bug, 1, SlotState.Failed, "bug: away")]
    public void Only_what_may_pass_is_tried_again_and_only_so_often(FailureClass failure, int attempt, SlotState state, string reason)
    {
        var end = End(new JobResult.Failed(failure, "away"), attempt);
        (end.State, end.Reason).ShouldBe((state, reason));
        if (state != SlotState.Retrying) end.NotBefore.ShouldBeNull();
        else (end.NotBefore!.Value - _clock.GetUtcNow()).TotalSeconds.ShouldBeInRange(Math.Pow(2, attempt - 1) / 2, Math.Pow(2, attempt - 1));
    }

    [Fact]
    public void A_job_that_names_its_delay_gets_exactly_that()
    {
        var end = End(new JobResult.RetryIn(TimeSpan.FromMinutes(7), "asked to wait"));
        (end.State, end.NotBefore, end.Reason).ShouldBe((SlotState.Queued, _clock.GetUtcNow().AddMinutes(7), "asked to wait"));
    }

    [Fact]
    public void A_step_that_names_its_own_retries_gets_those()
    {
        var dag = new Dag("own");
        var step = dag.Build("hourly", Grain.Hour, "hourly.sql", dag.Land("Events", "at"), ["id"])
            .Within(new() { Retry = new() { AttemptsMax = 2, FirstDelay = TimeSpan.FromMinutes(1) } });
        SlotEnd Own(int attempt) => Runner().EndOf(Slot(attempt), new JobResult.Failed(FailureClass.Transient, "away"), "digest", [], step: step).Slot!;
        Own(1).State.ShouldBe(SlotState.Retrying);
        (Own(1).NotBefore!.Value - _clock.GetUtcNow()).TotalSeconds.ShouldBeInRange(30, 60);
        (Own(2).State, Own(2).Reason).ShouldBe((SlotState.Failed, "gave up after 2 attempts: away"));
    }

    [Fact]
    public void Slots_that_ended_in_one_call_are_tried_again_together()
    {
        var runner = Runner();
        var moment = runner.NewMoment();
        DateTimeOffset? Again(JobResult result)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(3));
            return runner.EndOf(Slot(1), result, "digest", [], 0, moment).Slot!.NotBefore;
        }
        Again(new JobResult.Failed(FailureClass.Transient, "away")).ShouldBe(Again(new JobResult.Failed(FailureClass.Transient, "away")));
        Again(new JobResult.RetryIn(TimeSpan.FromMinutes(7), "asked to wait")).ShouldBe(moment.Now.AddMinutes(7));
    }

    [Fact]
    public void An_end_names_its_attempt_what_it_read_and_its_digest()
    {
        var commit = Runner().EndOf(Slot(2), new JobResult.Done(new() { Kind = CommitKind.Build, Token = 0, Note = "kept" }, new(7, "sum")), "digest", [new("events", Utc(3, 1, 7), Utc(3, 1, 8))]);
        (commit.Kind, commit.Token, commit.Note).ShouldBe((CommitKind.Build, 9L, "kept"));
        var end = commit.Slot!;
        (end.Round, end.Attempt, end.State, end.AsOf, end.Digest, end.Result).ShouldBe((4, 2, SlotState.Done, 100L, "digest", new SlotResult(7, "sum")));
        end.Inputs.ShouldHaveSingleItem();
        End(new JobResult.Unchanged()).Result.ShouldBeNull();
        End(new JobResult.Skipped("none")).ShouldSatisfyAllConditions(skipped => skipped.State.ShouldBe(SlotState.Skipped), skipped => skipped.Reason.ShouldBe("none"));
    }

    [Fact]
    public async Task The_log_of_a_failure_holds_its_class_full_text_and_next_try()
    {
        var log = new AttemptLog(_clock);
        log.Info("read 7 rows");
        var failed = await Runner().RunAsync(new Job(_ => throw new StoreException("the server is away", isTransient: true, new TimeoutException("no answer in 10 s"))), Context, default);
        var end = Runner().EndOf(Slot(1), failed, "digest", [], log: log).Slot!;
        end.Log.Select(line => line.Severity).ShouldBe([LogSeverity.Info, LogSeverity.Error, LogSeverity.Warning]);
        end.Log[1].Text.ShouldBe("transient failure: the server is away\nbecause of TimeoutException: no answer in 10 s");
        end.Log[2].Text.ShouldBe($"attempt 1 of 3; tried again at {end.NotBefore!.Value.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z");
        Closing(new JobResult.Failed(FailureClass.Throttled, "busy"), 3).ShouldBe(["throttled failure: busy", "gave up after 3 attempts"]);
        Closing(new JobResult.Failed(FailureClass.Data, "two rows"), 1)[1].ShouldContain("not tried again by itself");
        Closing(new JobResult.RetryIn(TimeSpan.FromMinutes(1), "asked to wait"), 1).ShouldHaveSingleItem().ShouldContain("put off: asked to wait; tried again at 2026-03-01 12:01:00.000Z");
        Closing(new JobResult.Unchanged(), 1).ShouldBeEmpty("what has nothing to say costs no row");
        var bug = await Runner().RunAsync(new Job(_ => throw new InvalidOperationException("ours")), Context, default);
        Closing(bug, 1)[0].ShouldContain("   at ", Case.Sensitive, "where a bug was thrown is in its log");
    }

    private IReadOnlyList<string> Closing(JobResult result, int attempt) => [.. Runner().EndOf(Slot(attempt), result, "digest", [], log: new AttemptLog(_clock)).Slot!.Log.Select(line => line.Text)];

    [Fact]
    public void A_long_reason_is_cut()
    {
        string reason = End(new JobResult.Failed(FailureClass.Data, new('x', 10_000))).Reason;
        (reason.Length, reason[..7], reason[^1]).ShouldBe((500, "data: x", '…'));
    }

    private static JobContext Context { get; } = new() { Window = Truck.Slot(Truck.Hourly, Utc(3, 1, 7)).Window, AsOf = 100, Token = 9 };

    private StepRunner Runner() => new(new RetryPolicy { AttemptsMax = 3, FirstDelay = TimeSpan.FromSeconds(1) }, _clock, new Random(1));

    private SlotEnd End(JobResult result, int attempt = 1) => Runner().EndOf(Slot(attempt), result, "digest", []).Slot!;

    private static Slot Slot(int attempt) => new() { Id = Truck.Slot(Truck.Hourly, Utc(3, 1, 7)), State = SlotState.Running, Round = 4, Attempt = attempt, Token = 9, AsOf = 100 };

    /// <summary>Runs until it is stopped; then it throws, or says that it failed.</summary>
    private sealed class Hanging(bool saysSo) : IJob
    {
        public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel)
        {
            var stopped = new TaskCompletionSource();
            using var _ = cancel.Register(stopped.SetResult);
            await stopped.Task;
            return saysSo ? new JobResult.Failed(FailureClass.Contract, "no answer") : throw new OperationCanceledException(cancel);
        }
    }

    /// <summary>Fails wherever one window is among those it is given.</summary>
    private sealed class Group(Etl.Contracts.Time.Window bad, FailureClass failure, bool isSplit) : IGroupJob
    {
        public List<int> Calls { get; } = [];

        public int GroupMax => 3;

        public bool IsSplitOnFailure => isSplit;

        public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => (await RunAsync([context], cancel))[0];

        public ValueTask<IReadOnlyList<JobResult>> RunAsync(IReadOnlyList<JobContext> contexts, CancellationToken cancel)
        {
            Calls.Add(contexts.Count);
            return contexts.Any(context => context.Window == bad) ? throw new WorkException(failure, "this one is bad") : new([.. contexts.Select(_ => new JobResult.Unchanged())]);
        }
    }

    private sealed class Job(Func<CancellationToken, JobResult> run) : IJob
    {
        public ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => new(run(cancel));
    }
}

using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;
using Microsoft.Extensions.Time.Testing;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

public sealed class BreakersTests
{
    private readonly TruckDag _truck = new();
    private static readonly JobResult Away = new JobResult.Failed(FailureClass.Transient, "no answer");

    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _told = [];
    private readonly Breakers _breakers;

    public BreakersTests()
    {
        _breakers = new(new() { FailuresMax = 3, FirstPause = TimeSpan.FromSeconds(5), PauseMax = TimeSpan.FromSeconds(15) }, _clock);
        _breakers.Told += _told.Add;
    }

    [Fact]
    public void What_failed_so_often_in_a_row_is_left_alone_with_the_reason_told_once_and_others_go_on()
    {
        Open();
        var later = _breakers.PutOff(_truck.Publish).ShouldNotBeNull();
        (later.Delay, later.Reason).ShouldBe((TimeSpan.FromSeconds(5), "sink sink failed 3 times in a row and is left alone for 5 s, then one call probes it; last: no answer"));
        _told.ShouldHaveSingleItem().ShouldStartWith("sink sink failed 3 times in a row and is left alone for 5 s");
        _breakers.PutOff(_truck.Hourly).ShouldBeNull();
        _breakers.PutOff(_truck.Dag.Publish(_truck.Daily, [new("other")])[0]).ShouldBeNull();
        Call(Away); // one that was under way
        _breakers.PutOff(_truck.Publish)!.Delay.ShouldBe(TimeSpan.FromSeconds(5));
        _told.Count.ShouldBe(1);
    }

    [Fact]
    public void An_answer_of_any_kind_ends_the_row_and_patience_does_not_count()
    {
        foreach (var answer in (JobResult[])[new JobResult.Unchanged(), new JobResult.Failed(FailureClass.Contract, "refused"), new JobResult.Failed(FailureClass.Data, "no number")])
        {
            Call(Away);
            Call(Away);
            Call(answer);
        }
        Call(Away);
        Call(new JobResult.RetryIn(TimeSpan.FromMinutes(1), "busy"));
        Call(new JobResult.Failed(FailureClass.Throttled, "busy"));
        Call(Away);
        _breakers.PutOff(_truck.Publish).ShouldBeNull();
        Call(Away);
        _breakers.PutOff(_truck.Publish).ShouldNotBeNull();
    }

    [Fact]
    public void After_the_pause_one_call_probes_and_each_failed_probe_doubles_the_pause_up_to_its_bound()
    {
        Open();
        foreach (int pause in (int[])[10, 15, 15])
        {
            _clock.Advance(_breakers.PutOff(_truck.Publish)!.Delay);
            _breakers.PutOff(_truck.Publish).ShouldBeNull("this one probes");
            _breakers.PutOff(_truck.Publish)!.Reason.ShouldContain("is probed by one call now");
            Call(Away);
            _breakers.PutOff(_truck.Publish)!.Delay.ShouldBe(TimeSpan.FromSeconds(pause));
        }
        _clock.Advance(TimeSpan.FromSeconds(15));
        _breakers.PutOff(_truck.Publish).ShouldBeNull();
        Call(new JobResult.Unchanged());
        _breakers.PutOff(_truck.Publish).ShouldBeNull();
        _breakers.PutOff(_truck.Publish).ShouldBeNull();
        _told.Count.ShouldBe(2);
        _told[1].ShouldBe("sink sink answers again after 6 failures in a row; what was put off goes on");
        Open();
        _breakers.PutOff(_truck.Publish)!.Delay.ShouldBe(TimeSpan.FromSeconds(5), "it begins anew");
    }

    [Fact]
    public async Task A_slot_that_probes_what_is_still_away_is_put_off_and_spends_no_attempt()
    {
        var runner = new StepRunner(new RetryPolicy(), _clock, new Random(1)) { Breakers = _breakers };
        var context = new JobContext { Step = _truck.Publish, Window = _truck.Slot(_truck.Publish, Utc(3, 1, 7)).Window, AsOf = 100, Token = 9 };
        ValueTask<JobResult> FailAsync(bool isTransient = true) => runner.RunAsync(new Job(() => throw new StoreException("no answer", isTransient)), context, default);
        for (int call = 0; call < 2; call++) (await FailAsync()).ShouldBeOfType<JobResult.Failed>();
        foreach (int pause in (int[])[5, 10, 15])
        {
            var later = (await FailAsync()).ShouldBeOfType<JobResult.RetryIn>($"the one that opened it, and each that probes");
            (later.Delay, later.Reason.Contains("last: no answer", StringComparison.Ordinal)).ShouldBe((TimeSpan.FromSeconds(pause), true), later.Reason);
            _clock.Advance(later.Delay);
        }
        (await FailAsync(isTransient: false)).ShouldBeOfType<JobResult.Failed>("its own: the sink answers");
    }

    [Fact]
    public async Task A_runner_puts_slots_off_without_calling_and_a_cancelled_probe_leaves_the_place_to_the_next()
    {
        var runner = new StepRunner(new RetryPolicy(), _clock, new Random(1)) { Breakers = _breakers };
        int calls = 0;
        var context = new JobContext { Step = _truck.Publish, Window = _truck.Slot(_truck.Publish, Utc(3, 1, 7)).Window, AsOf = 100, Token = 9 };
        ValueTask<JobResult> RunAsync(Func<JobResult> job, CancellationToken cancel = default) => runner.RunAsync(new Job(() =>
        {
            calls++;
            return job();
        }), context, cancel);
        for (int call = 0; call < 3; call++) await RunAsync(() => throw new StoreException("no answer", isTransient: true));
        (await RunAsync(() => new JobResult.Unchanged())).ShouldBeOfType<JobResult.RetryIn>();
        calls.ShouldBe(3);

        _clock.Advance(TimeSpan.FromSeconds(5));
        using var kill = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(async () => await RunAsync(() =>
        {
            kill.Cancel();
            throw new OperationCanceledException(kill.Token);
        }, kill.Token));
        (await RunAsync(() => new JobResult.Unchanged())).ShouldBeOfType<JobResult.Unchanged>();
        calls.ShouldBe(5);
    }

    [Fact]
    public void Options_out_of_range_are_refused_all_at_once() =>
        Should.Throw<ArgumentException>(() => new Breakers(new() { FailuresMax = 1, FirstPause = TimeSpan.Zero, PauseMax = TimeSpan.FromHours(2) }, _clock)).Message
            .ShouldSatisfyAllConditions(text => text.ShouldContain("breaker.failuresMax: 1 is outside"), text => text.ShouldContain("breaker.firstPause"), text => text.ShouldContain("breaker.pauseMax"));

    private void Open()
    {
        for (int call = 0; call < 3; call++)
        {
            _breakers.PutOff(_truck.Publish).ShouldBeNull();
            Call(Away);
        }
    }

    private void Call(JobResult result) => _breakers.Note(_truck.Publish, [result]);

    private sealed class Job(Func<JobResult> run) : IJob
    {
        public ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => new(run());
    }
}

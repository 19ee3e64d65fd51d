using Etl.Scheduler.Running;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Scheduler.Running;

public sealed class LanePlacesTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly LanePlaces _places;

    public LanePlacesTests() => _places = new(1, _clock);

    public void Dispose() => _places.Dispose();

    [Fact]
    public async Task Backfill_has_no_more_than_its_places()
    {
        var first = new Step(_places);
        var second = new Step(_places);
        (first.HasBegun, second.HasBegun).ShouldBe((true, false));
        await first.EndAsync();
        await second.Began;
        await second.EndAsync();
    }

    [Fact]
    public async Task A_step_of_backfill_waits_while_live_work_is_under_way_and_no_longer()
    {
        _places.LiveBegins("one");
        _places.LiveBegins("other");
        _places.LiveBegins("other");
        var step = new Step(_places);
        _places.LiveEnds("one");
        step.HasBegun.ShouldBeFalse();
        _places.LiveEnds("other");
        await step.Began;
        await step.EndAsync();
    }

    [Fact]
    public async Task A_fifth_of_the_time_stays_backfill_s_own_though_live_work_never_ends()
    {
        var first = new Step(_places);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await first.EndAsync();
        _places.LiveBegins("busy");
        var second = new Step(_places);
        _clock.Advance(TimeSpan.FromSeconds(11.9));
        second.HasBegun.ShouldBeFalse("four times the three seconds of the last step");
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        await second.Began;
        await second.EndAsync();
    }

    [Fact]
    public async Task Short_live_work_meets_no_step_that_begins_meanwhile_however_short_it_is()
    {
        var first = new Step(_places);
        _clock.Advance(TimeSpan.FromMilliseconds(5));
        await first.EndAsync();
        _places.LiveBegins("busy");
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        var second = new Step(_places);
        _clock.Advance(LanePlaces.Undisturbed - TimeSpan.FromMilliseconds(51));
        second.HasBegun.ShouldBeFalse("four times the five milliseconds of the last step have passed");
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await second.Began;
        await second.EndAsync();
        var third = new Step(_places);
        _clock.Advance(LanePlaces.WaitMin);
        await third.Began; // from now on by its share
        await third.EndAsync();
    }

    [Fact]
    public async Task One_that_is_given_up_while_it_waits_leaves_its_place()
    {
        _places.LiveBegins("busy");
        using var stop = new CancellationTokenSource();
        var waiting = _places.BackfillAsync(() => Task.FromResult(1), stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        _places.LiveEnds("busy");
        (await _places.BackfillAsync(() => Task.FromResult(2), default)).ShouldBe(2);
    }

    private sealed class Step
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously), _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task<int> _ran;

        public Step(LanePlaces places) => _ran = places.BackfillAsync(async () =>
        {
            _began.SetResult();
            await _end.Task;
            return 0;
        }, default);

        public bool HasBegun => _began.Task.IsCompleted;

        public Task Began => _began.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public Task EndAsync()
        {
            _end.SetResult();
            return _ran;
        }
    }
}

using Etl.Sources;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Sources;

public sealed class RatePacerTests
{
    [Fact]
    public async Task It_waits_until_the_rate_is_held()
    {
        var time = new FakeTimeProvider();
        var pacer = new RatePacer(1_000, time);
        var wait = pacer.WaitAsync(500, TestContext.Current.CancellationToken);
        wait.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromMilliseconds(499));
        wait.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromMilliseconds(1));
        await wait;
        pacer.AchievedPerSecond.ShouldBe(1_000, 0.001);
    }

    [Fact]
    public async Task A_long_pause_is_not_followed_by_a_flood()
    {
        var time = new FakeTimeProvider();
        var pacer = new RatePacer(1_000, time);
        time.Advance(TimeSpan.FromMinutes(1));
        await pacer.WaitAsync(1, TestContext.Current.CancellationToken);
        await pacer.WaitAsync(998, TestContext.Current.CancellationToken); // what one second may catch up
        pacer.WaitAsync(500, TestContext.Current.CancellationToken).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task As_fast_as_possible_never_waits()
    {
        var pacer = new RatePacer(double.PositiveInfinity, new FakeTimeProvider());
        await pacer.WaitAsync(int.MaxValue, TestContext.Current.CancellationToken);
        pacer.Count.ShouldBe(int.MaxValue);
    }
}

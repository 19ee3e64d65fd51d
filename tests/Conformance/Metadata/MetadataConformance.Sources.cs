using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    private static readonly IReadOnlyList<SourceWindow> TenAMinute = [new(TimeSpan.FromMinutes(1), 10, 8), new(TimeSpan.FromHours(1), 100, 80)];

    [Fact]
    public async Task A_source_gives_no_more_than_its_limit_and_says_when_there_is_more()
    {
        (await TakeAsync(Lane.Live, 9.3)).ShouldBe(TimeSpan.Zero);
        (await TakeAsync(Lane.Live, 0.8)).ShouldBeInRange(TimeSpan.FromSeconds(50), Minute);
        (await TakeAsync(Lane.Live, 0.7)).ShouldBe(TimeSpan.Zero, "9.3 and 0.7 are ten");
        (await Store.Sources.TakeAsync(new("another", Lane.Live, 10, TenAMinute), Cancel)).ShouldBe(TimeSpan.Zero);
        await Should.ThrowAsync<ArgumentException>(() => TakeAsync(Lane.Live, 10.1));
        await Should.ThrowAsync<ArgumentException>(() => TakeAsync(Lane.Backfill, 9));
        await Should.ThrowAsync<ArgumentException>(() => TakeAsync(Lane.Live, 0));
    }

    [Fact]
    public async Task Backfill_leaves_a_share_to_live_calls()
    {
        (await TakeAsync(Lane.Backfill, 8)).ShouldBe(TimeSpan.Zero);
        (await TakeAsync(Lane.Backfill, 1)).ShouldBeGreaterThan(TimeSpan.Zero);
        (await TakeAsync(Lane.Live, 2)).ShouldBe(TimeSpan.Zero);
        (await TakeAsync(Lane.Live, 1)).ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_was_taken_is_free_again_when_its_window_has_passed()
    {
        IReadOnlyList<SourceWindow> quick = [new(TimeSpan.FromMilliseconds(300), 2, 2)];
        (await Store.Sources.TakeAsync(new("quick", Lane.Live, 2, quick), Cancel)).ShouldBe(TimeSpan.Zero);
        var wait = await Store.Sources.TakeAsync(new("quick", Lane.Live, 1, quick), Cancel);
        if (wait > TimeSpan.Zero) await Task.Delay(wait + TimeSpan.FromMilliseconds(20), Cancel); // a slow machine may have passed it already
        (await Store.Sources.TakeAsync(new("quick", Lane.Live, 2, quick), Cancel)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_source_that_asked_for_patience_gives_nothing_until_then_and_the_longer_time_holds()
    {
        await Store.Sources.HoldAsync("source", TimeSpan.FromMinutes(10), Cancel);
        await Store.Sources.HoldAsync("source", TimeSpan.FromMinutes(2), Cancel);
        (await TakeAsync(Lane.Live, 1)).ShouldBeInRange(TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task Of_many_callers_at_once_no_more_are_given_than_the_limit()
    {
        var waits = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => TakeAsync(Lane.Live, 1), Cancel)));
        waits.Count(wait => wait == TimeSpan.Zero).ShouldBe(10);
    }

    private Task<TimeSpan> TakeAsync(Lane lane, double weight) => Store.Sources.TakeAsync(new("source", lane, weight, TenAMinute), Cancel);
}

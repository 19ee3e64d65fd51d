using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

/// <summary>A topic's partitions divided among the processes that land it.</summary>
public abstract partial class MetadataConformance
{
    private const string Feed = "trucks/land_truck_telemetry";

    private static readonly DateTimeOffset Ten = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_lander_that_is_alone_has_all_partitions_and_those_that_come_later_wait_for_what_it_gives_up()
    {
        await JoinAsync(1);
        (await DivideAsync(1)).Mine.ShouldBe([0, 1, 2, 3]);
        await JoinAsync(2);
        var waits = await DivideAsync(2);
        (waits.Mine.Count, waits.Due, waits.Free, waits.IsShort, waits.IsOver).ShouldBe((0, 2, 0, true, false));
        var told = await DivideAsync(1, mayMove: false);
        (told.Mine.Count, told.Due, told.IsOver).ShouldBe((4, 2, true), "it is in the middle of something: told, and nothing moves");
        (await DivideAsync(2)).Mine.ShouldBeEmpty();
        (await DivideAsync(1)).Mine.ShouldBe([0, 1]);
        (await DivideAsync(2, mayMove: false)).IsOver.ShouldBeTrue("two are free");
        (await DivideAsync(2)).Mine.ShouldBe([2, 3]);
        (await DivideAsync(1)).Mine.ShouldBe([0, 1], "what is even stays as it is");
        var landers = (await Store.Feeds.ListAsync(Cancel)).ShouldHaveSingleItem().Landers;
        landers.Select(lander => (lander.Token, string.Join(',', lander.Partitions))).ShouldBe([(1, "0,1"), (2, "2,3")]);
    }

    [Fact]
    public async Task More_landers_than_partitions_leave_the_last_ones_with_none_and_more_partitions_are_divided_too()
    {
        for (long token = 1; token <= 3; token++) await JoinAsync(token);
        for (int turn = 0; turn < 2; turn++)
            for (long token = 1; token <= 3; token++) await DivideAsync(token, partitions: 2);
        (await Task.WhenAll(DivideAsync(1, 2), DivideAsync(2, 2), DivideAsync(3, 2))).Select(division => string.Join(',', division.Mine)).ShouldBe(["0", "1", ""]);
        (await DivideAsync(3, 2)).IsShort.ShouldBeFalse("none is due to it");
        for (int turn = 0; turn < 2; turn++)
            for (long token = 1; token <= 3; token++) await DivideAsync(token, partitions: 7);
        var seven = await Task.WhenAll(DivideAsync(1, 7), DivideAsync(2, 7), DivideAsync(3, 7));
        seven.Select(division => division.Mine.Count).ShouldBe([3, 2, 2]);
        seven.SelectMany(division => division.Mine).Order().ShouldBe([0, 1, 2, 3, 4, 5, 6]);
        (seven[0].Mine.Contains(0), seven[1].Mine.Contains(1)).ShouldBe((true, true), "nothing moves that need not");
    }

    [Fact]
    public async Task What_a_lander_had_is_the_others_when_it_gives_it_back_or_its_lease_is_over()
    {
        for (long token = 1; token <= 2; token++) await JoinAsync(token);
        for (int turn = 0; turn < 2; turn++)
            for (long token = 1; token <= 2; token++) await DivideAsync(token);
        await Store.Feeds.ReleaseAsync(Feed, 1, Cancel);
        (await DivideAsync(2)).Mine.ShouldBe([0, 1, 2, 3]);
        (await Store.Feeds.DivideAsync(Feed, 1, 4, Minute, true, Cancel)).ShouldBeNull();

        await JoinAsync(3);
        await ExecuteAsync("update etl_feed_lander set lease_end = 1 where token = 2");
        (await DivideAsync(3)).Mine.ShouldBe([0, 1, 2, 3]);
        (await Store.Feeds.DivideAsync(Feed, 2, 4, Minute, false, Cancel)).ShouldBeNull("it must join anew");
        (await Store.Feeds.ReportAsync(Feed, 2, new(FeedState.Running, 5, null, null), Minute, Cancel)).ShouldBe(0);
        await JoinAsync(2);
        (await DivideAsync(2)).IsShort.ShouldBeTrue();
    }

    [Fact]
    public async Task Many_that_ask_at_once_never_have_a_partition_twice()
    {
        await using var second = await OpenAsync();
        for (long token = 1; token <= 5; token++) await JoinAsync(token);
        for (int turn = 0; turn < 4; turn++)
            await Task.WhenAll(Enumerable.Range(1, 5).Select(token => Task.Run(() => (token % 2 == 0 ? Store : second).Feeds.DivideAsync(Feed, token, 12, Minute, true, Cancel), Cancel)));
        var landers = (await Store.Feeds.ListAsync(Cancel)).ShouldHaveSingleItem().Landers;
        landers.SelectMany(lander => lander.Partitions).Order().ShouldBe(Enumerable.Range(0, 12));
        landers.Select(lander => lander.Partitions.Count).ShouldBe([3, 3, 2, 2, 2]);
    }

    [Fact]
    public async Task A_topic_has_landed_up_to_where_the_last_of_its_partitions_has()
    {
        for (long token = 1; token <= 2; token++) await JoinAsync(token);
        for (int turn = 0; turn < 2; turn++)
            for (long token = 1; token <= 2; token++) await DivideAsync(token);
        (await LandedAsync([0, 1], Ten)).ShouldBeNull("of the others nothing is known");
        (await LandedAsync([2], Ten.AddHours(1))).ShouldBeNull();
        (await LandedAsync([3], Ten.AddHours(2))).ShouldBe(Ten);
        (await LandedAsync([0, 1], Ten.AddHours(3))).ShouldBe(Ten.AddHours(1));
        (await LandedAsync([0, 1], Ten.AddHours(-3))).ShouldBe(Ten.AddHours(1), "it does not go back");
        await Store.Feeds.ReleaseAsync(Feed, 1, Cancel);
        await DivideAsync(2);
        (await LandedAsync([0, 1, 2, 3], Ten.AddHours(4))).ShouldBe(Ten.AddHours(4), "whoever has them now");
        (await Store.Feeds.LandedAsync(Feed, [0, 1, 2, 3], 5, Ten.AddHours(5), Cancel)).ShouldBeNull("a partition that is new");
        (await Store.Feeds.LandedAsync("others/land", [0], 1, Ten, Cancel)).ShouldBeNull();
    }

    private async Task JoinAsync(long token) => (await Store.Feeds.TakeAsync(Feed, token, Minute, Cancel)).ShouldBeTrue();

    private async Task<FeedDivision> DivideAsync(long token, int partitions = 4, bool mayMove = true) => (await Store.Feeds.DivideAsync(Feed, token, partitions, Minute, mayMove, Cancel)).ShouldNotBeNull();

    private Task<DateTimeOffset?> LandedAsync(int[] partitions, DateTimeOffset before) => Store.Feeds.LandedAsync(Feed, partitions, 4, before, Cancel);
}

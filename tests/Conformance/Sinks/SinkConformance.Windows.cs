using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Sinks;

namespace Etl.Tests.Conformance.Sinks;

public abstract partial class SinkConformance
{
    [Fact]
    public async Task A_window_comes_back_in_key_order()
    {
        (await PublishAsync(1, Truck("b", 2), Truck("c", 3, null), Truck("a", 1, 79.5))).ShouldBe(ReplaceOutcome.Replaced);
        await ShouldHoldAsync(Truck("a", 1, 79.5), Truck("b", 2), Truck("c", 3, null));
        (await VersionAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_row_with_the_same_key_is_replaced()
    {
        await PublishAsync(1, Truck("a", 1), Truck("b", 1));
        (await PublishAsync(2, Truck("a", 2, null), Truck("b", 1))).ShouldBe(ReplaceOutcome.Replaced);
        await ShouldHoldAsync(Truck("a", 2, null), Truck("b", 1));
    }

    [Fact]
    public async Task Vanished_keys_go_and_nothing_else()
    {
        await PublishAsync(1, Truck("a", 1), Truck("b", 1), Truck("c", 1));
        using var vanished = Keys("c", "b", "never there");
        await PublishAsync(_sink, Trucks, 2, [Truck("a", 1), Truck("d", 1)], vanished);
        await ShouldHoldAsync(Truck("a", 1), Truck("d", 1));
    }

    [Fact]
    public async Task A_lower_version_is_superseded_and_writes_nothing()
    {
        await PublishAsync(5, Truck("a", 5));
        using var vanished = Keys("a");
        (await PublishAsync(_sink, Trucks, 4, [Truck("b", 4)], vanished)).ShouldBe(ReplaceOutcome.Superseded);
        await ShouldHoldAsync(Truck("a", 5));
        (await VersionAsync()).ShouldBe(5);
    }

    [Fact]
    public async Task An_equal_version_is_there_already_and_writes_nothing()
    {
        await PublishAsync(5, Truck("a", 5));
        (await PublishAsync(5, Truck("a", 6))).ShouldBe(ReplaceOutcome.AlreadyThere);
        await ShouldHoldAsync(Truck("a", 5));
    }

    [Fact]
    public async Task A_window_without_rows_has_a_version()
    {
        (await VersionAsync()).ShouldBeNull();
        (await PublishAsync(7)).ShouldBe(ReplaceOutcome.Replaced);
        await ShouldHoldAsync();
        (await VersionAsync()).ShouldBe(7);
        (await PublishAsync(7)).ShouldBe(ReplaceOutcome.AlreadyThere);
    }

    [Fact]
    public async Task A_window_can_become_empty()
    {
        await PublishAsync(1, Truck("a", 1));
        using var vanished = Keys("a");
        await PublishAsync(_sink, Trucks, 2, [], vanished);
        await ShouldHoldAsync();
    }

    [Fact]
    public async Task Windows_do_not_touch_each_other()
    {
        var next = WindowCalendar.Of("UTC").HourOf(Hour.End);
        await PublishAsync(9, Truck("a", 1));
        await PublishAsync(_sink, Trucks, 3, [[Hour.End, "a", 2L, null]], null, next);
        await ShouldHoldAsync(Truck("a", 1));
        (await ReadAsync(window: next)).ShouldHaveSingleItem()[2].ShouldBe(2L);
        (await _sink.VersionAsync(Trucks.Name, next, CancellationToken.None)).ShouldBe(3);
    }

    [Theory]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-10-25", 25)]
    public async Task Days_of_23_and_25_hours_are_one_date_and_their_hours_stay_apart(string date, int hours)
    {
        var berlin = WindowCalendar.Of("Europe/Berlin");
        var day = berlin.Day(DateOnly.Parse(date));
        var daily = Table("truck_daily", ["day", "truck_id"], Field("day", ColumnKind.Date), Trucks.Columns[1], Trucks.Columns[2]);
        await PublishAsync(_sink, daily, 1, [[DateOnly.Parse(date), "a", 1L]], null, day);
        (await ReadAsync(daily, day)).ShouldHaveSingleItem()[0].ShouldBe(DateOnly.Parse(date));

        var windows = berlin.HoursOf(day).ToList();
        windows.Count.ShouldBe(hours);
        foreach (var hour in windows) await PublishAsync(_sink, Trucks, 1, [[hour.Start, "a", 1L, 0.0]], null, hour);
        foreach (var hour in windows) (await ReadAsync(window: hour)).ShouldHaveSingleItem()[0].ShouldBe(hour.Start);
    }

    [Fact]
    public async Task A_range_of_windows_holds_their_rows_and_no_others()
    {
        var hours = Enumerable.Range(0, 6).Select(hour => WindowCalendar.Of("UTC").HourOf(Start.AddHours(hour))).ToList();
        foreach (var hour in hours) await PublishAsync(_sink, Trucks, 1, [[hour.Start, "a", (long)hour.Start.Hour, 1.5], [hour.Start, "b", 2L, null]], null, hour);
        var rows = new List<object?[]>();
        await foreach (object?[] row in _sink.ReadRangeAsync(Trucks, hours[1], hours[4], CancellationToken.None)) rows.Add(row);
        rows.OrderBy(row => (DateTimeOffset)row[0]!).ThenBy(row => (string)row[1]!).ShouldBe(hours[1..5].SelectMany(hour => new object?[][] { [hour.Start, "a", (long)hour.Start.Hour, 1.5], [hour.Start, "b", 2L, null] }), new SameValues());
        await foreach (object?[] _ in _sink.ReadRangeAsync(Trucks with { Name = "never_published" }, hours[1], hours[4], CancellationToken.None)) Assert.Fail("a row of a table that is not there");
    }

    [Fact]
    public async Task Rows_that_share_the_first_part_of_their_key_arrive_whole_and_go_by_their_own_keys()
    {
        var points = Table("points", ["hour", "truck_id", "sequence"], Trucks.Columns[0], Trucks.Columns[1], Field("sequence", ColumnKind.Int64), Field("speed", ColumnKind.Double));
        object?[][] rows = [.. Enumerable.Range(0, 3).SelectMany(truck => Enumerable.Range(0, truck == 2 ? 1 : 350).Select(i => new object?[] { Start, $"truck {truck}", (long)i, i / 3.0 }))];
        await PublishAsync(_sink, points, 1, rows, null);
        (await ReadAsync(points)).ShouldBe(rows, new SameValues());
        using var vanished = Batches.Of([.. points.Columns.Take(3)], rows.Where((_, i) => i % 2 == 1).Select(row => row[..3]));
        await PublishAsync(_sink, points, 2, rows.Where((_, i) => i % 2 == 0), vanished);
        (await ReadAsync(points)).ShouldBe([.. rows.Where((_, i) => i % 2 == 0)], new SameValues());
    }

    [Fact]
    public async Task Twenty_thousand_rows_in_any_order_arrive_whole()
    {
        var rows = Enumerable.Range(0, 20_000).Select(i => Truck($"truck {i:00000}", i, i / 7.0)).ToArray();
        var mixed = rows.ToArray();
        new Random(4).Shuffle(mixed);
        await PublishAsync(1, mixed);
        await ShouldHoldAsync(rows);
        using var vanished = Keys([.. rows.Skip(10_000).Select(row => (string)row[1]!)]);
        await PublishAsync(_sink, Trucks, 2, rows.Take(10_000), vanished);
        await ShouldHoldAsync(rows[..10_000]);
    }

    [Fact]
    public async Task Of_two_writers_the_higher_version_wins()
    {
        await using var other = Open();
        await PublishAsync(0);
        await PublishAsync(other, Trucks, 0, [], null);
        var random = new Random(50);
        for (int round = 1; round <= 50; round++)
        {
            long low = round * 10, high = low + 1;
            bool swapped = random.Next(2) == 0;
            var a = PublishAsync(swapped ? other : _sink, Trucks, low, Enumerable.Range(0, 50).Select(i => Truck($"{i:00}", low)), null);
            var b = PublishAsync(swapped ? _sink : other, Trucks, high, Enumerable.Range(0, 50).Reverse().Select(i => Truck($"{i:00}", high)), null);
            (await b).ShouldBe(ReplaceOutcome.Replaced);
            (await a).ShouldBeOneOf(ReplaceOutcome.Replaced, ReplaceOutcome.Superseded);
            (await VersionAsync()).ShouldBe(high);
            (await ReadAsync()).Select(row => (long)row[2]!).Distinct().ShouldBe([high]);
        }
    }

    [Theory]
    [InlineData(CrashPoint.PublishHalf)]
    [InlineData(CrashPoint.PublishWritten)]
    public async Task A_publish_that_crashed_is_repeated_to_the_same_rows(CrashPoint point)
    {
        await PublishAsync(1, Truck("a", 1), Truck("b", 1), Truck("z", 1));
        using var vanished = Keys("z");
        object?[][] rows = [Truck("a", 2), Truck("b", 2), Truck("c", 2)];
        using (CrashPoints.Listen(reached => { if (reached == point) throw new CrashException(); }))
            await Should.ThrowAsync<CrashException>(() => PublishAsync(_sink, Trucks, 2, rows, vanished));

        if (point == CrashPoint.PublishHalf && _sink.Traits.NotAtomic is null) await ShouldHoldAsync(Truck("a", 1), Truck("b", 1), Truck("z", 1)); // nothing half
        (await PublishAsync(_sink, Trucks, 2, rows, vanished)).ShouldBe(point == CrashPoint.PublishHalf ? ReplaceOutcome.Replaced : ReplaceOutcome.AlreadyThere);
        await ShouldHoldAsync(rows);
    }

    [Fact]
    public async Task A_cancelled_publish_leaves_the_window_as_it_was()
    {
        await PublishAsync(1, Truck("a", 1));
        using var source = new CancellationTokenSource();
        using var batch = Batches.Of(Trucks.Columns, Enumerable.Range(0, 10_000).Select(i => Truck($"{i:00000}", 2)));
        using (CrashPoints.Listen(_ => source.Cancel()))
            await Should.ThrowAsync<OperationCanceledException>(() => _sink.ReplaceAsync(Trucks, Hour, 2, batch, null, source.Token));
        if (_sink.Traits.NotAtomic is null) await ShouldHoldAsync(Truck("a", 1));
        using var begun = Keys([.. Enumerable.Range(0, 10_000).Select(i => $"{i:00000}")]); // what a version that began may have left
        (await PublishAsync(_sink, Trucks, 3, [Truck("a", 2)], begun)).ShouldBe(ReplaceOutcome.Replaced);
        await ShouldHoldAsync(Truck("a", 2));
    }

    private sealed class CrashException : Exception;
}

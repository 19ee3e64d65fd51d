using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Sinks;

namespace Etl.Tests.Conformance.Sinks;

/// <summary>Windows that are written together.</summary>
public sealed partial class CassandraSinkConformance
{
    /// <summary>Two days over the end of a month: two partitions of each truck.</summary>
    private static readonly Window[] TwoDays = [.. Enumerable.Range(0, 48).Select(hour => WindowCalendar.Of("UTC").HourOf(new DateTimeOffset(2026, 2, 28, 0, 0, 0, TimeSpan.Zero).AddHours(hour)))];

    private static readonly string[] Fleet = [.. Enumerable.Range(0, 9).Select(truck => $"truck-{truck}")];

    [Fact]
    public async Task Windows_written_together_hold_what_each_alone_would()
    {
        (await PublishTogetherAsync(TwoDays, hour => 1_000 + hour, Fleet)).ShouldAllBe(outcome => outcome == ReplaceOutcome.Replaced);
        foreach (int hour in (int[])[0, 23, 24, 47]) await ShouldHoldAsync(hour, 1_000 + hour, Fleet);
        var range = new List<object?[]>();
        await foreach (object?[] row in Sink.ReadRangeAsync(Trucks, TwoDays[24], TwoDays[47], default)) range.Add(row);
        range.Count.ShouldBe(24 * Fleet.Length);
    }

    [Fact]
    public async Task Each_window_has_an_outcome_of_its_own()
    {
        var three = TwoDays[22..25];
        await PublishTogetherAsync(three[..1], _ => 20, ["a"]);
        await PublishTogetherAsync(three[1..2], _ => 30, ["a"]);
        (await PublishTogetherAsync(three, _ => 20, ["a", "b"])).ShouldBe([ReplaceOutcome.AlreadyThere, ReplaceOutcome.Superseded, ReplaceOutcome.Replaced]);
        await ShouldHoldAsync(22, 20, "a");
        await ShouldHoldAsync(23, 30, "a");
        await ShouldHoldAsync(24, 20, "a", "b");
    }

    [Fact]
    public async Task Keys_vanish_from_the_window_that_names_them_and_from_no_other()
    {
        var three = TwoDays[22..25];
        await PublishTogetherAsync(three, _ => 20, Fleet);
        await PublishTogetherAsync(three, _ => 30, Fleet[1..], at => at == 1 ? ["truck-0"] : []);
        await ShouldHoldAsync(23, 30, Fleet[1..]);
        (await Sink.ReadAsync(Trucks, three[0], default)).Count.ShouldBe(Fleet.Length);
        (await Sink.ReadAsync(Trucks, three[2], default)).Count.ShouldBe(Fleet.Length);
    }

    [Fact]
    public async Task Windows_of_which_one_write_was_done_are_written_whole_by_the_next_attempt()
    {
        using (CrashPoints.Listen(point => { if (point == CrashPoint.PublishHalf) throw new InvalidOperationException("crash"); }))
            await Should.ThrowAsync<InvalidOperationException>(() => PublishTogetherAsync(TwoDays, _ => 5, Fleet));
        (await Sink.VersionAsync(Trucks.Name, TwoDays[0], default)).ShouldBeNull();
        (await PublishTogetherAsync(TwoDays, _ => 5, Fleet)).ShouldAllBe(outcome => outcome == ReplaceOutcome.Replaced);
        foreach (int hour in (int[])[0, 30, 47]) await ShouldHoldAsync(hour, 5, Fleet);
    }

    [Fact]
    public async Task A_row_that_is_refused_leaves_all_windows_as_they_were()
    {
        await PublishTogetherAsync(TwoDays[..2], _ => 1, ["a"]);
        using var right = Batches.Of(Trucks.Columns, [[TwoDays[0].Start, "b", 1L, null]]);
        using var wrong = Batches.Of(Trucks.Columns, [[TwoDays[5].Start, "b", 1L, null]]);
        await Should.ThrowAsync<ArgumentException>(() => ((IGroupSink)Sink).ReplaceAsync(Trucks, [new(TwoDays[0], 2, right, null), new(TwoDays[1], 2, wrong, null)], default));
        await ShouldHoldAsync(0, 1, "a");
        await ShouldHoldAsync(1, 1, "a");
    }

    private async Task<IReadOnlyList<ReplaceOutcome>> PublishTogetherAsync(Window[] windows, Func<int, long> versionOf, string[] trucks, Func<int, string[]>? vanished = null)
    {
        (await Sink.PrepareAsync(Trucks, default)).ShouldBeNull();
        WindowReplacement[] rows = [.. windows.Select((window, at) => new WindowReplacement(window, versionOf(at), Batches.Of(Trucks.Columns, trucks.Select(truck => new object?[] { window.Start, truck, versionOf(at), at * 0.5 })),
            vanished?.Invoke(at) is { Length: > 0 } gone ? Batches.Of([Trucks.Columns[0], Trucks.Columns[1]], gone.Select(truck => new object?[] { window.Start, truck })) : null))];
        try { return await ((IGroupSink)Sink).ReplaceAsync(Trucks, rows, default); }
        finally
        {
            foreach (var window in rows)
            {
                window.Rows.Dispose();
                window.Vanished?.Dispose();
            }
        }
    }

    private async Task ShouldHoldAsync(int hour, long version, params string[] trucks)
    {
        (await Sink.VersionAsync(Trucks.Name, TwoDays[hour], default)).ShouldBe(version);
        (await Sink.ReadAsync(Trucks, TwoDays[hour], default)).Select(row => ((string)row[1]!, (long)row[2]!)).ShouldBe(trucks.Select(truck => (truck, version)));
    }
}

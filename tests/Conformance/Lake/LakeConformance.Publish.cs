using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Sinks;
using Etl.Tests.Unit.Lake;

namespace Etl.Tests.Conformance.Lake;

public abstract partial class LakeConformance
{
    private static readonly Window[] Hours = [.. Enumerable.Range(0, 3).Select(hour => LakeWorld.Hour(Nine.AddHours(hour)))];

    [Fact]
    public async Task Adjacent_windows_are_published_together_each_with_its_own_rows_and_version()
    {
        await using var world = await BuiltAsync();
        var sink = new RecordingSink();
        var done = (await PublishAsync(world, sink)).Select(result => result.ShouldBeOfType<JobResult.Done>()).ToList();
        sink.Calls.ShouldHaveSingleItem().Select(window => window.Window).ShouldBe(Hours);
        sink.Calls[0].ShouldAllBe(window => window.Rows == 7 && window.Vanished == 0);
        done.Select(end => end.Commit.Confirmed!.Version).ShouldBe(sink.Calls[0].Select(window => window.Version));
        done.Select(end => end.Result!.Rows).ShouldBe([7L, 7, 7]);
    }

    [Fact]
    public async Task Rows_that_are_too_many_to_hold_are_published_in_several_calls()
    {
        await using var world = await BuiltAsync();
        var sink = new RecordingSink();
        (await PublishAsync(world, sink, rowsMax: 14)).ShouldAllBe(result => result is JobResult.Done);
        sink.Calls.Select(call => call.Length).ShouldBe([2, 1]);
        sink = new RecordingSink();
        (await PublishAsync(world, sink, rowsMax: 1)).ShouldAllBe(result => result is JobResult.Done);
        sink.Calls.Select(call => call.Length).ShouldBe([1, 1, 1], "a window that is too large by itself goes alone");
    }

    [Fact]
    public async Task A_window_without_result_is_skipped_and_the_others_are_published()
    {
        await using var world = await BuiltAsync();
        var sink = new RecordingSink();
        var results = await PublishAsync(world, sink, [LakeWorld.Hour(Nine.AddHours(-1)), .. Hours]);
        results[0].ShouldBeOfType<JobResult.Skipped>().Reason.ShouldContain("has no result");
        sink.Calls.ShouldHaveSingleItem().Length.ShouldBe(3);
    }

    [Fact]
    public async Task Keys_of_an_earlier_version_vanish_from_their_window_alone()
    {
        await using var world = await BuiltAsync();
        var sink = new RecordingSink();
        await PublishAsync(world, sink);
        await world.BuildAsync("truck_hourly", Hours[1], LakeWorld.Hourly + " having truck_id <> 'truck-0001'", TruckRows.Input);
        await PublishAsync(world, sink);
        sink.Calls[^1].Select(window => (window.Rows, window.Vanished)).ShouldBe([(7, 0), (6, 1), (7, 0)]);
    }

    [Fact]
    public async Task Where_intents_alone_part_two_writers_the_one_with_the_lower_version_writes_nothing()
    {
        await using var world = await BuiltAsync();
        long head = await world.HeadAsync();
        await world.Store.Publishes.IntendAsync("records", "truck_hourly", Hours[1], head + 1_000, default);
        var sink = new RecordingSink();
        var results = await PublishAsync(world, sink);
        results[1].ShouldBeOfType<JobResult.Skipped>().Reason.ShouldBe($"records is to hold a newer version of {Hours[1]}: {head + 1_000}");
        sink.Calls.ShouldHaveSingleItem().Select(window => window.Window).ShouldBe([Hours[0], Hours[2]]);
    }

    [Fact]
    public async Task A_table_that_the_sink_refuses_fails_all_and_leaves_no_intent()
    {
        await using var world = await BuiltAsync();
        var results = await PublishAsync(world, new RecordingSink { Refusal = "truck_hourly.speed: found text" });
        results.ShouldAllBe(result => result is JobResult.Failed && ((JobResult.Failed)result).Class == FailureClass.Contract);
        (await world.Store.Publishes.IntendAsync("records", "truck_hourly", Hours[0], 1, default)).ShouldBeEmpty();
    }

    private async Task<LakeWorld> BuiltAsync()
    {
        var world = await WorldAsync();
        await world.LandAsync(TruckLog.Of(Events, order: 0), Events);
        foreach (var hour in Hours) await world.BuildAsync("truck_hourly", hour, LakeWorld.Hourly, TruckRows.Input);
        return world;
    }

    private static async Task<IReadOnlyList<JobResult>> PublishAsync(LakeWorld world, RecordingSink sink, Window[]? windows = null, long rowsMax = 1_000)
    {
        var dag = new Dag("trucks");
        var hourly = dag.Build("truck_hourly", Grain.Hour, "hourly.sql", dag.Land("truck_data", "time"), ["truck_id"]);
        var publish = new Publish(world.Lake, world.Store.Publishes, sink, dag.Publish(hourly, [sink.Name])[0]) { RowsMax = rowsMax };
        long asOf = await world.HeadAsync();
        return await publish.RunAsync([.. (windows ?? Hours).Select(window => new JobContext { Window = window, AsOf = asOf, Token = 1 })], default);
    }

    /// <summary>Keeps what it was asked to write.</summary>
    private sealed class RecordingSink : IGroupSink
    {
        public List<(Window Window, long Version, int Rows, int Vanished)[]> Calls { get; } = [];

        public string? Refusal { get; init; }

        public SinkName Name { get; } = new("records");

        public SinkTraits Traits { get; } = new(NotAtomic: null, NoTransactions: "it only keeps what it is told");

        public int WindowsMax => 48;

        public Task<string?> PrepareAsync(ResultTable table, CancellationToken cancel) => Task.FromResult(Refusal);

        public async Task<ReplaceOutcome> ReplaceAsync(ResultTable table, Window window, long version, ColumnBatch rows, ColumnBatch? vanished, CancellationToken cancel) =>
            (await ReplaceAsync(table, [new(window, version, rows, vanished)], cancel))[0];

        public Task<IReadOnlyList<ReplaceOutcome>> ReplaceAsync(ResultTable table, IReadOnlyList<WindowReplacement> windows, CancellationToken cancel)
        {
            Calls.Add([.. windows.Select(window => (window.Window, window.Version, window.Rows.RowCount, window.Vanished?.RowCount ?? 0))]);
            return Task.FromResult<IReadOnlyList<ReplaceOutcome>>([.. windows.Select(_ => ReplaceOutcome.Replaced)]);
        }

        public Task<long?> VersionAsync(string table, Window window, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<object?[]>> ReadAsync(ResultTable table, Window window, CancellationToken cancel) => throw new NotSupportedException();

        public IAsyncEnumerable<object?[]> ReadRangeAsync(ResultTable table, Window first, Window last, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

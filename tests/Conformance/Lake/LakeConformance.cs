using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Lake;
using Etl.Metadata;
using Etl.Tests.Unit.Lake;

namespace Etl.Tests.Conformance.Lake;

/// <summary>What the lake promises on every store.</summary>
public abstract partial class LakeConformance
{
    private const int Events = 420;
    private const int TurnsMax = 12;

    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 21, 0, 0, TimeSpan.Zero);

    /// <summary>Crash points that the lake's own work passes through; the others belong to sinks, slots and the Kafka side of landing.</summary>
    public static TheoryData<CrashPoint> LakesCrashPoints =>
        [CrashPoint.FileWritten, CrashPoint.FileRenamed, CrashPoint.CommitPrepared, CrashPoint.Committed, CrashPoint.Compacted, CrashPoint.FileDeleted];

    /// <summary>Why this store cannot be asked here; null when it can.</summary>
    protected virtual string? Missing => null;

    /// <summary>A store with nothing in it.</summary>
    protected abstract Task<IMetadata> OpenEmptyAsync();

    [Fact]
    public async Task A_reader_sees_its_commit_whatever_lands_later()
    {
        await using var world = await WorldAsync();
        var log = TruckLog.Of(Events, order: 0);
        await world.LandAsync(log, Events);
        long before = await world.HeadAsync(), rows = await world.CountAsync(LakeWorld.Hour(Nine));
        log.Produce(new("truck-0001", 1_000_000, Nine.AddMinutes(3), 80, 1, 0, 0)); // a late one
        await world.LandAsync(log, Events);
        (await world.CountAsync(LakeWorld.Hour(Nine), before)).ShouldBe(rows);
        (await world.CountAsync(LakeWorld.Hour(Nine))).ShouldBe(rows + 1);
        await world.CompactAsync();
        (await world.CountAsync(LakeWorld.Hour(Nine), before)).ShouldBe(rows);
    }

    [Fact]
    public async Task A_late_event_changes_its_own_hour_alone()
    {
        await using var world = await WorldAsync();
        var log = TruckLog.Of(Events, order: 0);
        await world.LandAsync(log, Events);
        long before = await world.HeadAsync();
        log.Produce(new("truck-0001", 1_000_000, Nine.AddMinutes(63), 80, 1, 0, 0));
        await world.LandAsync(log, Events);
        (await world.Store.Catalog.ChangedAsync(TruckRows.Dataset, Nine, Nine.AddHours(5), default)).Where(window => window.Number > before).Select(window => window.Start).ShouldBe([Nine.AddHours(1)]);
    }

    [Fact]
    public async Task An_event_that_was_produced_twice_counts_once()
    {
        await using var world = await WorldAsync();
        var log = TruckLog.Of(Events, order: 0);
        await world.LandAsync(log, 50);
        var before = await world.BuildAllAsync();
        foreach (var row in log.Read(1, 0, 30).ToList()) log.Produce(row);
        (await world.LandAsync(log, 50)).ShouldBe(30);
        (await world.BuildAllAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Batches_threads_order_and_compaction_change_no_bit_of_a_result()
    {
        IReadOnlyList<string>? expected = null;
        foreach (var (batch, writers, order) in ((int, int, int)[])[(Events, 1, 0), (1, 1, 0), (100, 1, 0), (100, 2, 0), (Events, 1, 7), (1, 2, 8), (25, 2, 9)])
        {
            await using var world = await WorldAsync();
            (await world.LandAsync(TruckLog.Of(Events, order), batch, writers)).ShouldBe(Events);
            var landed = await world.BuildAllAsync();
            (expected ??= landed).ShouldBe(landed, $"batches of {batch}, {writers} writers, order {order}");
            var report = await world.CompactAsync();
            (report.FilesBefore > 1).ShouldBe(batch < Events);
            (await world.BuildAllAsync()).ShouldBe(expected, $"compacted from batches of {batch}");
            (await world.FindingsAsync()).ShouldBeEmpty();
        }
    }

    [Theory]
    [MemberData(nameof(LakesCrashPoints))]
    public async Task A_crash_at_any_point_loses_and_doubles_nothing(CrashPoint point)
    {
        IReadOnlyList<string> expected;
        await using (var quiet = await WorldAsync())
        {
            await quiet.LandAsync(FewEvents(), 1_000);
            expected = await quiet.BuildAllAsync();
        }
        await using var world = await WorldAsync();
        var log = FewEvents();
        int turn = 0;
        while (turn < TurnsMax && await DiesAsync(world, log, point, ++turn)) { } // the n-th turn dies the n-th time that the point is reached
        turn.ShouldBeGreaterThan(1, "the work never came by that point");
        await AllWorkAsync(world, log);
        (await world.BuildAllAsync()).ShouldBe(expected);
        (await world.FindingsAsync()).ShouldBeEmpty();
        await world.SweepAsync();
        (await world.OrphansAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sweeping_leaves_the_file_of_a_writer_that_lives()
    {
        await using var world = await WorldAsync();
        long token = await world.TokenAsync("slow");
        var file = await world.WriteAsync([new("a", 1, Nine, 1, 1, 0, 0)], [], token);
        (await world.SweepAsync(evenLive: false)).ShouldBeEmpty();
        await world.CommitAsync(new() { Kind = CommitKind.Adopt, Token = token, Added = [file], Schemas = [TruckRows.Schema] });
        (await world.CountAsync(LakeWorld.Hour(Nine))).ShouldBe(1);
    }

    [Fact]
    public async Task A_writer_whose_file_was_swept_cannot_commit_it()
    {
        await using var world = await WorldAsync();
        long token = await world.TokenAsync("paused");
        var file = await world.WriteAsync([new("a", 1, Nine, 1, 1, 0, 0)], [], token);
        (await world.SweepAsync(evenLive: true)).ShouldBe([file.Path]);
        (await world.Store.Commits.CommitAsync([new() { Kind = CommitKind.Adopt, Token = token, Added = [file], Schemas = [TruckRows.Schema] }], default))[0].ShouldBeOfType<CommitOutcome.Refused>();
    }

    [Fact]
    public async Task Vacuum_keeps_what_a_running_slot_reads()
    {
        await using var world = await WorldAsync();
        await world.LandAsync(TruckLog.Of(Events, order: 0), 50);
        long token = await world.TokenAsync("worker");
        await world.Store.Ledger.PlanAsync([new(new("trucks/truck_hourly", LakeWorld.Hour(Nine)), Lane.Live, SlotState.Queued)], default);
        var slot = (await world.Store.Ledger.ClaimAsync(new(["trucks/truck_hourly"], 1, token, TimeSpan.FromMinutes(5)), default)).ShouldHaveSingleItem();
        long rows = await world.CountAsync(LakeWorld.Hour(Nine), slot.AsOf);
        (await world.CompactAsync()).FilesBefore.ShouldBeGreaterThan(1);
        (await world.VacuumAsync()).Files.ShouldBe(0);
        (await world.CountAsync(LakeWorld.Hour(Nine), slot.AsOf)).ShouldBe(rows);
        await world.CommitAsync(new() { Kind = CommitKind.Slot, Token = token, Slot = new(slot.Id, slot.Round, slot.Attempt, SlotState.Done, slot.AsOf, "digest") });
        (await world.VacuumAsync()).Files.ShouldBeGreaterThan(1);
        world.Lake.Files.All().Count.ShouldBe(1);
        (await world.CountAsync(LakeWorld.Hour(Nine))).ShouldBe(rows);
    }

    [Fact]
    public async Task Vacuum_keeps_versions_whose_publish_is_not_confirmed()
    {
        await using var world = await WorldAsync();
        await world.LandAsync(TruckLog.Of(Events, order: 0), Events);
        var hour = LakeWorld.Hour(Nine);
        await world.BuildAsync("truck_hourly", hour, LakeWorld.Hourly, TruckRows.Input);
        long first = await world.HeadAsync();
        await world.Store.Publishes.IntendAsync("mysql", "truck_hourly", hour, first, default);
        await world.BuildAsync("truck_hourly", hour, LakeWorld.Hourly + " having truck_id <> 'truck-0001'", TruckRows.Input);
        long second = await world.HeadAsync();
        await world.VacuumAsync();
        var earlier = await world.Store.Publishes.IntendAsync("mysql", "truck_hourly", hour, second, default);
        earlier.ShouldBe([first]);
        using (var vanished = await world.Lake.VanishedAsync("truck_hourly", hour, ["truck_id"], earlier, second, default))
            Enumerable.Range(0, vanished.RowCount).Select(row => vanished.GetString(1, row)).ShouldBe(["truck-0001"]);
        await world.CommitAsync(new() { Kind = CommitKind.Publish, Token = await world.TokenAsync(), Confirmed = new("mysql", "truck_hourly", hour, second) });
        (await world.VacuumAsync()).Files.ShouldBe(1);
    }

    [Fact]
    public async Task Verify_finds_every_damage()
    {
        await using var world = await WorldAsync();
        await world.LandAsync(TruckLog.Of(Events, order: 0), 70);
        (await world.FindingsAsync()).ShouldBeEmpty();
        string[] paths = [.. world.Lake.Files.All()];
        paths.Length.ShouldBeGreaterThan(4);
        File.Delete(Full(0));
        using (var cut = File.OpenWrite(Full(1))) cut.SetLength(cut.Length - 10);
        File.Copy(Full(3), Full(2), overwrite: true);
        byte[] bytes = File.ReadAllBytes(Full(4));
        bytes.AsSpan(4, bytes.Length / 4).Fill(0xA5); // the data; the footer is whole
        File.WriteAllBytes(Full(4), bytes);
        string[] found = [.. await world.FindingsAsync()];
        found.ShouldContain(finding => finding.StartsWith($"MissingFile {paths[0]}"));
        found.ShouldContain(finding => finding.StartsWith($"WrongSize {paths[1]}"));
        found.ShouldContain(finding => finding.StartsWith($"UnreadableFile {paths[1]}"));
        found.ShouldContain(finding => finding.StartsWith($"WrongOffsets {paths[2]}"));
        found.ShouldContain(finding => finding.Contains(paths[4]));

        string Full(int index) => world.Lake.Files.FullPath(paths[index]);
    }

    [Fact]
    public async Task Verify_finds_rows_that_are_twice_in_the_lake()
    {
        await using var world = await WorldAsync();
        var log = TruckLog.Of(Events, order: 0);
        await world.LandAsync(log, Events);
        long token = await world.TokenAsync();
        var again = await world.WriteAsync([.. log.Read(0, 10, 20)], [], token);
        await world.CommitAsync(new() { Kind = CommitKind.Adopt, Token = token, Added = [again] });
        string[] found = [.. await world.FindingsAsync()];
        found.ShouldContain(finding => finding.StartsWith("OffsetOverlap"));
        found.ShouldContain(finding => finding.StartsWith("ProgressMismatch") && finding.Contains($"files hold {Events + 10} rows, {Events} were landed"));
    }

    [Fact]
    public async Task The_manifest_is_rebuilt_from_the_files_alone()
    {
        await using var lost = await WorldAsync();
        lost.KeepFolder = true;
        var log = TruckLog.Of(Events, order: 0);
        await lost.LandAsync(log, 50);
        await lost.CompactAsync();
        var expected = await lost.BuildAllAsync();
        await lost.BuildAsync("truck_hourly", LakeWorld.Hour(Nine), LakeWorld.Hourly + " having false", TruckRows.Input); // emptied, then built anew: two files of the window, one retired
        await lost.BuildAsync("truck_hourly", LakeWorld.Hour(Nine), LakeWorld.Hourly, TruckRows.Input);
        await lost.WriteAsync([.. log.Read(0, 0, 5)], [], await lost.TokenAsync()); // never committed

        await using var world = new LakeWorld(await OpenEmptyAsync(), lost.Options.Folder);
        long token = await world.TokenAsync("adopt");
        var report = await new Adopt(world.Lake, new(world.Store.Commits)).RunAsync(token, new Dictionary<string, string> { [TruckLog.Topic] = "id" }, default);
        report.Uncovered.ShouldBeEmpty();
        report.Rows.ShouldBe(Events + 5 * 7 + 2 * 7, $"the events, seven trucks in each of five hours and two days; left out: {string.Join("; ", report.LeftOut)}");
        (await world.FindingsAsync()).ShouldBeEmpty();
        (await world.Store.Catalog.ProgressAsync(TruckLog.Topic, default)).Select(one => one.Next).ShouldBe([log.End(0), log.End(1)]);
        (await world.LandAsync(log, 50)).ShouldBe(0);
        (await world.BuildAllAsync()).ShouldBe(expected);
        (await new Adopt(world.Lake, new(world.Store.Commits)).RunAsync(token, new Dictionary<string, string>(), default)).Files.ShouldBe(0);
    }

    [Fact]
    public async Task A_new_store_takes_the_files_of_a_lost_one_neither_for_leavings_nor_for_its_own_names()
    {
        await using var lost = await WorldAsync();
        lost.KeepFolder = true;
        var log = TruckLog.Of(Events, order: 0);
        await lost.LandAsync(log, 50);
        var files = lost.Lake.Files.All();

        await using var world = new LakeWorld(await OpenEmptyAsync(), lost.Options.Folder);
        await world.LandAsync(log, 50); // under the same tokens, before anybody thought of adopting
        (await world.SweepAsync()).ShouldBeEmpty();
        files.ShouldBeSubsetOf(world.Lake.Files.All());
        (await world.Store.Catalog.FilesAsync(TruckRows.Dataset, await world.HeadAsync(), default)).Select(file => file.Path).Intersect(files).ShouldBeEmpty();

        var own = await world.WriteAsync([.. log.Read(0, 0, 5)], [], await world.TokenAsync()); // never committed
        (await world.SweepAsync()).ShouldBe([own.Path]);
    }

    private async Task<LakeWorld> WorldAsync()
    {
        if (Missing is { } reason) Assert.Skip(reason);
        return new(await OpenEmptyAsync());
    }

    private static async Task<bool> DiesAsync(LakeWorld world, TruckLog log, CrashPoint point, int time)
    {
        int reached = 0;
        using (CrashPoints.Listen(at => { if (at == point && ++reached == time) throw new Crash(); }))
        {
            try { await AllWorkAsync(world, log); }
            catch (Crash) { return true; }
        }
        return false;
    }

    private static TruckLog FewEvents() => TruckLog.Of(60, order: 0, hours: 2);

    private static async Task AllWorkAsync(LakeWorld world, TruckLog log)
    {
        await world.SweepAsync(); // as at a start
        await world.LandAsync(log, 25);
        await world.BuildAllAsync();
        await world.CompactAsync();
        await world.VacuumAsync();
    }

    private sealed class Crash : Exception;
}

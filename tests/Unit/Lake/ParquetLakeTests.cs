using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Lake;
using static Etl.Tests.Unit.Lake.LakeRoom;

namespace Etl.Tests.Unit.Lake;

public sealed class ParquetLakeTests : IDisposable
{
    private const string Hourly = """
        select truck_id, count(*) as records, exact_sum(fuel_consumed) as fuel, exact_corr(engine_speed, fuel_consumed) as r, exact_state(fuel_consumed) as fuel_state
        from truck_data group by all -- one row a truck
        """;

    private readonly LakeRoom _room = new();

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task A_window_shows_its_rows_alone_with_its_end_left_out()
    {
        await _room.LandAsync(Row("a", 1, "06:59:59.999999"), Row("a", 2, "07:00"), Row("a", 3, "07:59:59.999999"), Row("a", 4, "08:00"));
        (await _room.AskAsync(Hour(7), "select sequence from truck_data order by all")).ShouldBe("2; 3");
        (await _room.AskAsync(Hour(9), "select sequence from truck_data")).ShouldBe("");
        (await _room.AskAsync(Hour(7), "select window_start(), window_end()")).ShouldBe("2026-03-01 07:00,2026-03-01 08:00");
    }

    [Fact]
    public async Task A_window_that_begins_inside_a_UTC_hour_finds_the_rows_of_that_hour()
    {
        await _room.LandAsync(Row("a", 1, "07:10"), Row("a", 2, "07:40"), Row("a", 3, "08:20"), Row("a", 4, "08:30"));
        var window = WindowCalendar.Of("Asia/Kolkata").HourOf(new(2026, 3, 1, 7, 40, 0, TimeSpan.Zero));
        (await _room.AskAsync(window, "select sequence from truck_data order by all")).ShouldBe("2; 3");
    }

    [Fact]
    public async Task A_snapshot_sees_its_commit_and_nothing_later()
    {
        long first = await _room.LandAsync(Row("a", 1, "07:00"));
        await _room.LandAsync(Row("a", 2, "07:01"));
        (await _room.AskAsync(Hour(7), "select count(*) from truck_data", first)).ShouldBe("1");
        (await _room.AskAsync(Hour(7), "select count(*) from truck_data")).ShouldBe("2");
    }

    [Fact]
    public async Task Of_several_records_with_one_identity_the_newest_is_seen()
    {
        await _room.LandAsync(Row("a", 1, "07:00", speed: 1, offset: 10), Row("b", 1, "07:00", speed: 5, offset: 11));
        await _room.LandAsync(Row("a", 1, "07:00", speed: 2, offset: 20), Row("a", 1, "07:00", speed: 3, partition: 1, offset: 20));
        (await _room.AskAsync(Hour(7), "select truck_id, engine_speed from truck_data order by all")).ShouldBe("a,3; b,5");
    }

    [Fact]
    public async Task A_result_has_its_window_first_and_its_rows_in_key_order()
    {
        await _room.LandAsync(Row("b", 1, "07:00", fuel: 0.1), Row("a", 1, "07:00", fuel: 0.2, offset: 2), Row("b", 2, "07:30", fuel: 0.2, offset: 3));
        long version = await _room.BuildAsync("truck_hourly", Hour(7), Hourly, ["truck_id"], TruckRows.Input);
        using var rows = await _room.Lake.ReadResultAsync("truck_hourly", Hour(7), ["truck_id"], version, default);
        rows.Fields.Select(field => field.Name).ShouldBe(["hour", "truck_id", "records", "fuel", "r"]); // BLOBs stay in the lake
        Text(rows).ShouldBe("2026-03-01 07:00,a,1,0.2,null; 2026-03-01 07:00,b,2,0.30000000000000004,null"); // no variance: no correlation
    }

    [Fact]
    public async Task A_window_that_became_empty_has_a_version_still_so_that_its_rows_leave_the_sinks()
    {
        (await _room.Lake.VersionAsync("slow", Hour(7), long.MaxValue, default)).ShouldBeNull(); // never built
        const string Slow = "select truck_id, max(engine_speed) as speed from truck_data group by truck_id having max(engine_speed) < 10";
        await _room.LandAsync(Row("a", 1, "07:00", speed: 5, offset: 1));
        long full = await _room.BuildAsync("slow", Hour(7), Slow, ["truck_id"], TruckRows.Input);
        await _room.LandAsync(Row("a", 2, "07:10", speed: 50, offset: 2));
        long empty = await _room.BuildAsync("slow", Hour(7), Slow, ["truck_id"], TruckRows.Input);

        (await _room.Lake.VersionAsync("slow", Hour(7), full, default)).ShouldBe(full);
        (await _room.Lake.VersionAsync("slow", Hour(7), empty, default)).ShouldBe(empty);
        using var vanished = await _room.Lake.VanishedAsync("slow", Hour(7), ["truck_id"], [full], empty, default);
        Text(vanished).ShouldBe("2026-03-01 07:00,a");
    }

    [Fact]
    public async Task A_day_merges_the_states_of_its_hours()
    {
        await _room.LandAsync(Row("a", 1, "07:00", fuel: 1e16), Row("a", 2, "08:00", fuel: 1), Row("a", 3, "09:00", fuel: -1e16));
        foreach (int hour in (int[])[7, 8, 9]) await _room.BuildAsync("truck_hourly", Hour(hour), Hourly, ["truck_id"], TruckRows.Input);
        var day = WindowCalendar.Of("UTC").Day(new(2026, 3, 1));
        long version = await _room.BuildAsync("truck_daily", day, "select truck_id, exact_sum(fuel_state) as fuel, cast(sum(records) as bigint) as records from truck_hourly group by all", ["truck_id"], LakeInput.Results("truck_hourly"));
        using var rows = await _room.Lake.ReadResultAsync("truck_daily", day, ["truck_id"], version, default);
        Text(rows).ShouldBe("2026-03-01,a,1,3");
    }

    [Fact]
    public async Task A_new_version_replaces_the_window_and_the_old_one_stays_readable()
    {
        await _room.LandAsync(Row("a", 1, "07:00"), Row("b", 1, "07:00", offset: 2));
        const string sql = "select truck_id, count(*) as records from truck_data group by all";
        long first = await _room.BuildAsync("t", Hour(7), sql, ["truck_id"], TruckRows.Input);
        long second = await _room.BuildAsync("t", Hour(7), sql + " having truck_id = 'b'", ["truck_id"], TruckRows.Input);
        using var before = await _room.Lake.ReadResultAsync("t", Hour(7), ["truck_id"], first, default);
        using var after = await _room.Lake.ReadResultAsync("t", Hour(7), ["truck_id"], second, default);
        (before.RowCount, after.RowCount).ShouldBe((2, 1));
        using var vanished = await _room.Lake.VanishedAsync("t", Hour(7), ["truck_id"], [first], second, default);
        Text(vanished).ShouldBe("2026-03-01 07:00,a");
    }

    [Fact]
    public async Task A_window_without_rows_is_a_version_too()
    {
        await _room.LandAsync(Row("a", 1, "07:00"));
        const string sql = "select truck_id, count(*) as records from truck_data group by all";
        long first = await _room.BuildAsync("t", Hour(7), sql, ["truck_id"], TruckRows.Input);
        long empty = await _room.BuildAsync("t", Hour(7), sql + " having false", ["truck_id"], TruckRows.Input);
        using var rows = await _room.Lake.ReadResultAsync("t", Hour(7), ["truck_id"], empty, default);
        rows.RowCount.ShouldBe(0);
        rows.Fields.Count.ShouldBe(3);
        using var vanished = await _room.Lake.VanishedAsync("t", Hour(7), ["truck_id"], [first], empty, default);
        vanished.RowCount.ShouldBe(1);
    }

    [Fact]
    public async Task Two_builders_of_one_window_cannot_both_replace_it()
    {
        await _room.LandAsync(Row("a", 1, "07:00"));
        const string sql = "select truck_id, count(*) as records from truck_data group by all";
        await _room.BuildAsync("t", Hour(7), sql, ["truck_id"], TruckRows.Input);
        long token = await _room.Store.OpenWriterAsync("slow", TimeSpan.FromMinutes(1), default);
        await using var snapshot = await _room.Lake.OpenAsync([TruckRows.Input], Hour(7), _room.Store.Head, default);
        using var result = await snapshot.QueryAsync(sql, ["truck_id"], default);
        var slow = await _room.Lake.WriteResultAsync("t", result, token, default);
        await _room.BuildAsync("t", Hour(7), sql, ["truck_id"], TruckRows.Input);
        (await _room.Store.CommitAsync([slow], default))[0].ShouldBeOfType<CommitOutcome.Refused>();
    }

    [Theory]
    [InlineData("select truck_id, 1 as x from truck_data", LakeFault.Data, "two rows have the key hour = ", "truck_id = a")]
    [InlineData("select null::varchar as truck_id, 1 as x", LakeFault.Data, "\"truck_id\" is NULL", "coalesce")]
    [InlineData("select 1 as x", LakeFault.Contract, "no column \"truck_id\"", "x INTEGER")]
    [InlineData("select 'a' as truck_id, window_start() as hour", LakeFault.Contract, "the engine itself puts first", "leave it out")]
    [InlineData("select 'a' as truck_id, max(\"timestamp\") - min(\"timestamp\") as d from truck_data", LakeFault.Contract, "INTERVAL", "epoch(d)")]
    [InlineData("select 'a' as truck_id, 1 as x, 2 as X", LakeFault.Contract, "two columns", "x")]
    [InlineData("select 'a' as truck_id, cast(truck_id as integer) as n from truck_data", LakeFault.Data, "Could not convert", "'a'")]
    [InlineData("select truck_id from elsewhere", LakeFault.Sql, "'elsewhere' is no table or view here", "name a dataset")]
    [InlineData("select truck_id, sum(fuel_consumed) as x from truck_data group by all", LakeFault.Sql, "line 1, 'sum(fuel_consumed)", "write exact_sum")]
    [InlineData("select truck_id, avg(fuel_consumed) as x from truck_data group by all", LakeFault.Sql, "avg over DOUBLE", "write exact_avg")]
    [InlineData("select truck_id, stddev(fuel_consumed) as x from truck_data group by all", LakeFault.Sql, "stddev over DOUBLE", "write exact_stddev_samp")]
    [InlineData("select truck_id, corr(fuel_consumed, engine_speed) as x from truck_data group by all", LakeFault.Sql, "corr over DOUBLE", "write exact_corr")]
    [InlineData("select truck_id, exact_sum(fuel_consumed order by sequence) as x from truck_data group by all", LakeFault.Sql, "exact_sum with ORDER BY inside", "leave the ORDER BY out")]
    [InlineData("select distinct truck_id, exact_sum(fuel_consumed) over () as x from truck_data", LakeFault.Sql, "exact_sum with OVER", "group instead of windowing")]
    [InlineData("select truck_id, now() as x from truck_data", LakeFault.Sql, "differs from run to run", "window's own times")]
    [InlineData("select truck_id from truck_data); copy (select 1) to 'x'; select * from (select 'a' as truck_id", LakeFault.Sql, "", "")]
    public async Task What_a_result_cannot_hold_is_refused_with_the_reason(string sql, LakeFault fault, string found, string mend)
    {
        await _room.LandAsync(Row("a", 1, "07:00"), Row("a", 2, "07:01"));
        await using var snapshot = await _room.Lake.OpenAsync([TruckRows.Input], Hour(7), _room.Store.Head, default);
        var error = await Should.ThrowAsync<LakeException>(() => snapshot.QueryAsync(sql, ["truck_id"], default));
        error.Fault.ShouldBe(fault, error.Message);
        error.Message.ShouldContain(found);
        error.Message.ShouldContain(mend);
    }

    [Fact]
    public async Task A_checks_SQL_keeps_the_same_rules()
    {
        await _room.LandAsync(Row("a", 1, "07:00"));
        var error = await Should.ThrowAsync<LakeException>(() => _room.AskAsync(Hour(7), "select truck_id from truck_data group by all having sum(fuel_consumed) < 0"));
        (error.Fault, error.Class).ShouldBe((LakeFault.Sql, FailureClass.Contract));
        error.Message.ShouldStartWith("the SQL of window ");
        error.Message.ShouldContain("write exact_sum");
    }

    [Fact]
    public async Task SQL_is_judged_once_for_each_text_and_shape_not_once_a_slot()
    {
        await _room.LandAsync(Row("a", 1, "07:00"), Row("a", 2, "08:00"));
        foreach (int hour in (int[])[7, 8, 9, 7]) await _room.AskAsync(Hour(hour), "select count(*) from truck_data -- of the hour");
        _room.Lake.Lint.Judged.ShouldBe(1);
        await _room.AskAsync(Hour(7), "select count(*) + 1 from truck_data");
        _room.Lake.Lint.Judged.ShouldBe(2);
        for (int turn = 0; turn < 2; turn++) await Should.ThrowAsync<LakeException>(() => _room.AskAsync(Hour(7), "select now()"));
        _room.Lake.Lint.Judged.ShouldBe(4, "what is refused is judged again");
    }

    [Fact]
    public async Task A_dataset_that_nothing_was_landed_in_is_named()
    {
        var error = await Should.ThrowAsync<LakeException>(() => _room.AskAsync(Hour(7), "select 1"));
        (error.Fault, error.Message).ShouldBe((LakeFault.UnknownDataset, "dataset truck_data: the store knows no schema of it; nothing was landed or built under that name"));
    }

    [Fact]
    public async Task Sums_of_integers_keep_all_their_digits()
    {
        await _room.LandAsync(Row("a", 1, "07:00"));
        long version = await _room.BuildAsync("t", Hour(7), "select truck_id, 170141183460469231731687303715884105727::hugeint // 10 as big from truck_data", ["truck_id"], TruckRows.Input);
        using var rows = await _room.Lake.ReadResultAsync("t", Hour(7), ["truck_id"], version, default);
        rows.GetValue(2, 0).ShouldBe(Int128.MaxValue / 10);
    }
}

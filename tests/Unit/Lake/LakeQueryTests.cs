using Etl.Contracts.Workflow;
using Etl.Lake;
using Etl.Lake.DuckDb;
using Microsoft.Extensions.Time.Testing;
using static Etl.Tests.Unit.Lake.LakeRoom;

namespace Etl.Tests.Unit.Lake;

public sealed class LakeQueryTests : IDisposable
{
    private readonly LakeRoom _room = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task A_question_sees_all_datasets_without_older_duplicates()
    {
        await LandAsync();
        await _room.LandAsync(Row("a", 1, "07:00", speed: 99, offset: 50));
        (await AskAsync("select truck_id, engine_speed, (select count(*) from t) from truck_data order by all")).ShouldBe("a,99,2; b,80,2");
    }

    [Fact]
    public async Task Rows_past_the_limit_are_cut_and_that_is_said()
    {
        await LandAsync();
        using var query = new LakeQuery(_room.Store, _room.Options with { QueryRowsMax = 1 }, [TruckRows.Input], _time);
        using var answer = await query.AskAsync("select truck_id from truck_data order by all", default);
        (answer.Count, answer.IsCut, answer.AsOf).ShouldBe((1, true, _room.Store.Head));
    }

    [Theory]
    [InlineData("drop view truck_data")]
    [InlineData("select 1; select 2")]
    [InlineData("select 1) limit 1; copy (select 1) to 'x.parquet'; select * from (select 2")]
    [InlineData("copy (select 1) to 'x.parquet'")]
    [InlineData("install httpfs")]
    [InlineData("set memory_limit = '10GB'")]
    [InlineData("")]
    public async Task Only_one_SELECT_is_answered(string sql)
    {
        await LandAsync();
        var error = await Should.ThrowAsync<LakeException>(() => AskAsync(sql));
        (error.Fault, error.Message[..19]).ShouldBe((LakeFault.Sql, "expected one SELECT"));
    }

    [Theory]
    [InlineData("select * from read_csv('/etc/passwd')")]
    [InlineData("select * from read_text('/etc/passwd')")]
    [InlineData("select * from '/etc/passwd.parquet'")]
    [InlineData("select * from read_parquet('https://example.com/x.parquet')")]
    public async Task Nothing_outside_the_lake_can_be_read(string sql)
    {
        await LandAsync();
        await Should.ThrowAsync<Exception>(() => AskAsync(sql));
    }

    [Theory]
    [InlineData("select exact_sum(engine_speed order by sequence) from truck_data", "exact_sum with ORDER BY inside", "leave the ORDER BY out")]
    [InlineData("select exact_sum(engine_speed) over (order by sequence) from truck_data", "exact_sum with OVER", "group instead of windowing")]
    [InlineData("select * from elsewhere", "'elsewhere' is no table or view here", "name a dataset")]
    public async Task What_could_end_the_process_or_is_not_there_is_refused_with_its_cure(string sql, string found, string cure)
    {
        await LandAsync();
        var error = await Should.ThrowAsync<LakeException>(() => AskAsync(sql));
        (error.Fault, error.Class).ShouldBe((LakeFault.Sql, FailureClass.Contract));
        error.Message.ShouldStartWith("the SQL of the question is refused: line 1, '");
        error.Message.ShouldContain(found);
        error.Message.ShouldContain(cure);
    }

    [Fact]
    public async Task A_question_need_not_be_repeatable()
    {
        await LandAsync();
        (await AskAsync("select sum(engine_speed), avg(engine_speed), now() > timestamptz '2020-01-01' from truck_data")).ShouldBe("160,80,True");
    }

    [Fact]
    public async Task A_question_that_runs_too_long_is_ended()
    {
        await LandAsync();
        var asking = AskAsync("select count(*) from range(1_000_000_000) a, range(1_000_000) b where a.range + b.range = -1");
        while (!asking.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(61));
            await Task.Yield();
        }
        (await Should.ThrowAsync<LakeException>(() => asking)).Message.ShouldContain("ran longer than 00:01:00");
    }

    [Fact]
    public async Task The_views_for_other_tools_show_the_same_rows()
    {
        await LandAsync();
        await _room.LandAsync(Row("a", 1, "07:00", speed: 99, offset: 50));
        string sql = await new LakeViews(_room.Store, _room.Lake.Files).WriteAsync([TruckRows.Input], default);
        using var other = new DuckDatabase(new DuckOptions { MemoryMegabytes = 128 });
        using var connection = other.Connect();
        connection.Execute(sql);
        using var rows = connection.Fetch("select truck_id, engine_speed, (select count(*) from t) from truck_data order by all");
        Text(rows).ShouldBe("a,99,2; b,80,2");
    }

    private async Task LandAsync()
    {
        await _room.LandAsync(Row("a", 1, "07:00"), Row("b", 1, "08:00", offset: 2));
        foreach (int hour in (int[])[7, 8]) await _room.BuildAsync("t", Hour(hour), "select truck_id, count(*) as n from truck_data group by all", ["truck_id"], TruckRows.Input);
    }

    private async Task<string> AskAsync(string sql)
    {
        using var query = new LakeQuery(_room.Store, _room.Options, [TruckRows.Input], _time);
        using var answer = await query.AskAsync(sql, default);
        return Text(answer.Rows);
    }
}

using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Lake;
using Etl.Scheduler.Running;
using static Etl.Tests.Unit.Lake.LakeRoom;

namespace Etl.Tests.Unit.Lake;

/// <summary>Real SQL that takes too long or too much, beside SQL that does not.</summary>
public sealed class SqlLimitsTests : IDisposable
{
    private const string Good = "select truck_id, count(*) as records from truck_data group by all";

    /// <summary>Minutes of work, in hardly any memory.</summary>
    private const string Endless = "select 'a' as truck_id, count(*) as n from range(10000000) a, range(1000000) b where a.range + b.range = 17";

    /// <summary>Keeps 20 million values at a time, and there is nowhere to spill them.</summary>
    private const string Greedy = "select 'a' as truck_id, count(*) as n from (select distinct hash(i) from range(20000000) r(i))";

    private readonly LakeRoom _room = new();
    private readonly Dag _dag = new("trucks");

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task SQL_past_its_time_is_interrupted_and_the_next_attempt_and_others_go_on()
    {
        await _room.LandAsync(Row("a", 1, "07:00"));
        var step = Step("slow", new() { Time = TimeSpan.FromSeconds(1) });
        var slow = RunAsync(step, Endless);
        (await RunAsync(Step("beside", StepLimits.None), Good)).ShouldBeOfType<JobResult.Done>();
        var failed = (await slow.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBeOfType<JobResult.Failed>();
        (failed.Class, failed.Reason[..56]).ShouldBe((FailureClass.Transient, "stopped: found it running still after 1 s, its time limi"));
        (await RunAsync(step, Good)).ShouldBeOfType<JobResult.Done>();
    }

    [Fact]
    public async Task SQL_past_its_memory_fails_alone_and_names_the_step_the_limit_and_the_cure()
    {
        await _room.LandAsync(Row("a", 1, "07:00"));
        var step = Step("greedy", new() { MemoryMegabytes = 64 });
        await using var beside = await _room.Lake.OpenAsync([TruckRows.Input], Hour(7), _room.Store.Head, default);
        var failed = (await RunAsync(step, Greedy)).ShouldBeOfType<JobResult.Failed>();
        failed.Class.ShouldBe(FailureClass.Transient, failed.Reason);
        failed.Reason.ShouldContain("wants more memory than 64 MB, the memory limit of step trucks/greedy; let it keep less at a time");
        failed.Reason.ShouldContain("raise Within(new() { MemoryMegabytes = … }) of trucks/greedy");
        using var rows = await beside.QueryAsync(Good, ["truck_id"], default);
        rows.Rows.RowCount.ShouldBe(1);
        (await RunAsync(step, Good)).ShouldBeOfType<JobResult.Done>();
    }

    [Fact]
    public async Task Where_the_shared_memory_ends_the_error_names_that()
    {
        await _room.LandAsync(Row("a", 1, "07:00"));
        await using var snapshot = await new ParquetLake(_room.Store, new(new() { MemoryMegabytes = 64 }), _room.Options).OpenAsync([TruckRows.Input], Hour(7), _room.Store.Head, default);
        var error = await Should.ThrowAsync<StoreException>(() => snapshot.QueryAsync(Greedy, ["truck_id"], default));
        (error.IsTransient, error.Message.Contains("wants more memory than the 64 MB that all SQL of the process shares", StringComparison.Ordinal)).ShouldBe((true, true), error.Message);
        error.Message.ShouldContain("raise Lake:MemoryMegabytes");
    }

    [Fact]
    public async Task The_same_rows_come_of_a_limited_database_and_its_overflow_is_deleted()
    {
        await _room.LandAsync(Row("a", 1, "07:00", fuel: 0.1), Row("b", 2, "07:01", fuel: 0.3));
        string spill = Directory.CreateTempSubdirectory("etl-spill-").FullName;
        const string sql = "select truck_id, exact_sum(fuel_consumed) as fuel, (select count(*) from (select distinct hash(i) from range(6000000) r(i))) as n from truck_data group by all";
        var lake = new ParquetLake(_room.Store, _room.Database, _room.Options with { SpillFolder = spill });
        async Task<string> SumAsync(SqlMemory memory)
        {
            await using var snapshot = await lake.OpenAsync([TruckRows.Input], Hour(7), _room.Store.Head, default, memory);
            using var rows = await snapshot.QueryAsync(sql, ["truck_id"], default);
            return rows.Checksum;
        }
        (await SumAsync(new(80, "trucks/tight"))).ShouldBe(await SumAsync(new(1_000, "trucks/roomy")));
        Directory.EnumerateFileSystemEntries(spill).ShouldBeEmpty();
        Directory.Delete(spill, recursive: true);
    }

    private BuildStep Step(string name, StepLimits limits) =>
        _dag.Build(name, Etl.Contracts.Time.Grain.Hour, $"{name}.sql", _dag.Steps.OfType<LandStep>().SingleOrDefault() ?? _dag.Land("Truck-Data", "timestamp", ["truck_id", "sequence"], dataset: TruckRows.Dataset), ["truck_id"]).Within(limits);

    private async Task<JobResult> RunAsync(BuildStep step, string sql)
    {
        long token = await _room.Store.OpenWriterAsync(step.Name, TimeSpan.FromMinutes(1), default);
        return await new StepRunner(new RetryPolicy(), TimeProvider.System, new Random(1)).RunAsync(new Build(_room.Lake, step, sql), new() { Step = step, Window = Hour(7), AsOf = _room.Store.Head, Token = token }, default);
    }
}

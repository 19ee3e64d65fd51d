namespace Etl.Tests.EndToEnd;

/// <summary>Eight processes that begin at once where no store is yet: one makes the tables, none is turned away.</summary>
public sealed class StartTogetherTests
{
    private const int Processes = 8, Slots = 800;

    [Theory]
    [InlineData(WorkerRoom.Sqlite)]
    [InlineData(WorkerRoom.MySql)]
    public async Task Eight_processes_begin_at_once_on_nothing_and_all_of_them_work(string store)
    {
        await using var room = WorkerRoom.Of(store);
        List<WorkerProcess> workers = [.. Enumerable.Range(0, Processes).Select(_ => room.Begin(jobMs: 10))];
        foreach (var worker in workers) await worker.TokenAsync();
        await room.PlanAsync(Slots);
        await room.DoneAsync();
        string said = string.Join('\n', workers.Select(worker => worker.All));
        workers.ShouldAllBe(worker => !worker.HasExited, said);
        (await room.NumberAsync("select count(*) from etl_writer")).ShouldBe(Processes);
        (await room.NumberAsync("select count(*) - max(number) from etl_migration")).ShouldBe(0);
        await room.ShouldBeDoneOnceAsync(said, leavesFiles: true);
    }
}

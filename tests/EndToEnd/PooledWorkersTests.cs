using Etl.Contracts.Workflow;

namespace Etl.Tests.EndToEnd;

/// <summary>Three processes on one store want more places of a pool than it has, and one of them is killed in the middle.</summary>
public sealed class PooledWorkersTests
{
    private const int Workers = 3, Places = 2, Slots = 60, JobMs = 30;

    [Theory]
    [InlineData(WorkerRoom.Sqlite)]
    [InlineData(WorkerRoom.MySql)]
    public async Task No_more_run_at_once_than_the_pool_has_places_and_a_killed_process_keeps_none(string store)
    {
        await using var room = WorkerRoom.Of(store);
        await room.PlanAsync(Slots);
        List<WorkerProcess> workers = [.. Enumerable.Range(0, Workers).Select(_ => room.Begin(JobMs, places: Places))];
        long killed = await workers[0].TokenAsync();
        await room.UntilAsync("one at work", async () => await room.NumberAsync($"select count(*) from etl_slot where state = {(int)SlotState.Running} and token = {killed}") > 0);
        await workers[0].KillAsync();
        await room.DoneAsync();
        await room.ShouldBeDoneOnceAsync(store, leavesFiles: true);
        int done = (int)SlotState.Done;
        string beside = $"select count(*) as beside from etl_attempt a join etl_attempt b on b.started <= a.started and b.ended > a.started where a.state = {done} and b.state = {done} group by a.slot, a.round, a.attempt";
        (await room.NumberAsync($"select max(beside) from ({beside}) most")).ShouldBe(Places, "all of the pool, and no more");
        (await room.NumberAsync("select count(distinct token) from etl_attempt")).ShouldBe(Workers, "each process had its turn");
    }
}

using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata.MySql;
using MySqlConnector;

namespace Etl.Tests.EndToEnd;

/// <summary>A database that hangs, is killed, comes back, drops connections, or is locked by another program, under workers at work: they wait in plain words and go on by themselves.</summary>
public sealed class BrokenStoreTests
{
    private const int Workers = 3, Slots = 2_000, JobMs = 15, Drops = 5;
    private const double Patience = 2;

    [Fact]
    public async Task A_server_that_hangs_and_is_killed_loses_no_slot_and_makes_none_effective_twice()
    {
        var direct = new MySqlConnectionStringBuilder(RealServers.MySql);
        await using var room = WorkerRoom.Of(WorkerRoom.MySql);
        await using var proxy = new BreakableProxy(direct.Server, (int)direct.Port);
        string through = new MySqlConnectionStringBuilder(RealServers.MySql) { Server = "127.0.0.1", Port = (uint)proxy.Port }.ToString();
        await room.PlanAsync(Slots);
        List<WorkerProcess> workers = [.. Enumerable.Range(0, Workers).Select(_ => room.Begin(JobMs, Patience, through))];
        foreach (var worker in workers) await worker.TokenAsync();
        await MoreDoneAsync(room, 100);

        proxy.Freeze();
        foreach (var worker in workers) (await worker.ForAsync("waits, ")).ShouldNotContain("Password");
        foreach (var worker in workers) await worker.ForAsync("did not answer in time");
        proxy.Thaw();
        await MoreDoneAsync(room, 100);

        proxy.Cut();
        foreach (var worker in workers) await worker.ForAsync("cannot reach the server");
        proxy.Mend();
        await MoreDoneAsync(room, 100);

        var random = new Random(1);
        for (int drop = 0; drop < Drops; drop++)
        {
            proxy.Cut();
            proxy.Mend();
            await Task.Delay(random.Next(50, 300), TestContext.Current.CancellationToken); // the moment of a drop is any
        }
        await room.DoneAsync();
        string said = string.Join('\n', workers.Select(worker => worker.All));
        workers.ShouldAllBe(worker => !worker.HasExited, said);
        await room.ShouldBeDoneOnceAsync(said, leavesFiles: true);
    }

    [Fact]
    public async Task A_server_that_hangs_while_a_statement_is_prepared_is_given_up()
    {
        var direct = new MySqlConnectionStringBuilder(RealServers.MySql);
        await using var database = RealServers.NewDatabase();
        await using var proxy = new BreakableProxy(direct.Server, (int)direct.Port);
        string through = new MySqlConnectionStringBuilder(RealServers.MySql) { Server = "127.0.0.1", Port = (uint)proxy.Port }.ToString();
        await using var store = await MySqlMetadata.OpenAsync(through, database.Name, TimeProvider.System, new() { Patience = TimeSpan.FromSeconds(1) });
        await store.NowAsync(default);
        proxy.Freeze();
        var fault = await Should.ThrowAsync<StoreException>(() => store.Commits.HeadAsync(default).WaitAsync(WorkerRoom.Longest)); // its statement was never prepared
        (fault.IsTransient, fault.Message.Contains("did not answer in time")).ShouldBe((true, true), fault.Message);
        proxy.Thaw();
        (await store.Commits.HeadAsync(default)).ShouldBe(0);
    }

    [Fact]
    public async Task A_file_that_is_locked_for_longer_than_the_patience_is_waited_for()
    {
        await using var room = WorkerRoom.Of(WorkerRoom.Sqlite);
        await room.PlanAsync(200);
        List<WorkerProcess> workers = [.. Enumerable.Range(0, 2).Select(_ => room.Begin(JobMs, patience: 0.5))];
        foreach (var worker in workers) await worker.TokenAsync();
        await MoreDoneAsync(room, 10);
        await using (var connection = await room.OpenAsync())
        {
            await using var hold = connection.CreateCommand();
            hold.CommandText = "begin immediate";
            await hold.ExecuteNonQueryAsync();
            foreach (var worker in workers) (await worker.ForAsync("waits, metadata")).ShouldContain("locked by another process");
            hold.CommandText = "rollback";
            await hold.ExecuteNonQueryAsync();
        }
        await room.DoneAsync();
        string said = string.Join('\n', workers.Select(worker => worker.All));
        workers.ShouldAllBe(worker => !worker.HasExited, said);
        await room.ShouldBeDoneOnceAsync(said, leavesFiles: true);
    }

    private static async Task MoreDoneAsync(WorkerRoom room, int more)
    {
        Task<long> Done() => room.NumberAsync($"select count(*) from etl_slot where state = {(int)SlotState.Done}");
        long before = await Done();
        await room.UntilAsync($"{more} more done", async () => await Done() >= before + more);
    }
}

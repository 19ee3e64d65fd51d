using Etl.Contracts.Workflow;

namespace Etl.Tests.EndToEnd;

/// <summary>SIGSTOP of a worker process for longer than its leases, then SIGCONT: what it held is another's by then, and it goes on with what is not.</summary>
public sealed class FrozenWorkerTests
{
    private const int Slots = 150, MoreSlots = 150, JobMs = 30;

    [Theory]
    [InlineData(WorkerRoom.Sqlite)]
    [InlineData(WorkerRoom.MySql)]
    public async Task A_worker_that_was_frozen_past_its_leases_loses_its_slots_and_goes_on_with_others(string store)
    {
        await using var room = WorkerRoom.Of(store);
        await room.PlanAsync(Slots);
        var frozen = room.Begin(JobMs);
        long token = await frozen.TokenAsync();
        string running = $"select count(*) from etl_slot where token = {token} and state = {(int)SlotState.Running}";
        await room.UntilAsync("at work", async () =>
        {
            if (await room.NumberAsync(running) == 0) return false;
            await frozen.FreezeAsync();
            if (await room.NumberAsync(running) > 8 && await IsWritableAsync(room)) return true; // more than it could end before it looks at its leases
            await frozen.ThawAsync(); // between two groups, or inside a transaction: another moment
            return false;
        });
        long held = await room.NumberAsync(running), done = await DoneByAsync(room, token);

        var other = room.Begin(JobMs);
        long next = await other.TokenAsync();
        next.ShouldBeGreaterThan(token);
        await room.UntilAsync("taken over", async () => await room.NumberAsync($"select count(*) from etl_slot where state = {(int)SlotState.Done}") == Slots);
        (await room.NumberAsync($"select count(*) from etl_attempt where token = {token} and state = {(int)SlotState.Retrying} and reason = 'lease over'")).ShouldBe(held);
        (await room.NumberAsync($"select count(*) from etl_attempt lost join etl_attempt again on again.slot = lost.slot and again.attempt = lost.attempt + 1 where lost.token = {token} and again.token = {next}")).ShouldBe(held);

        await frozen.ThawAsync();
        (await frozen.ForAsync("could not be renewed")).ShouldContain("whoever holds them now runs them");
        await room.PlanAsync(MoreSlots);
        await room.DoneAsync();
        (await DoneByAsync(room, token)).ShouldBeGreaterThan(done, "it began anew");
        await room.ShouldBeDoneOnceAsync(frozen.All, leavesFiles: true);
        frozen.HasExited.ShouldBeFalse();
    }

    private static Task<long> DoneByAsync(WorkerRoom room, long token) => room.NumberAsync($"select count(*) from etl_attempt where token = {token} and state = {(int)SlotState.Done}");

    /// <summary>Whether the frozen process holds no lock: what it locks stays locked until it thaws.</summary>
    private static async Task<bool> IsWritableAsync(WorkerRoom room)
    {
        await using var connection = await room.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 1;
        command.CommandText = "update etl_head set head = head where id = 1";
        try { return await command.ExecuteNonQueryAsync() == 1; }
        catch (System.Data.Common.DbException) { return false; }
    }
}

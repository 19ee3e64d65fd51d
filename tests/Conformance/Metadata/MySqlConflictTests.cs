using System.Diagnostics;
using System.Globalization;
using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.MySql;
using Etl.Metadata.Relational;
using MySqlConnector;

namespace Etl.Tests.Conformance.Metadata;

/// <summary>Deadlocks (1213), locks that are held too long (1205) and sessions that hang in a transaction, in the store's own statements.</summary>
public sealed class MySqlConflictTests(MySqlTestDatabase database) : IClassFixture<MySqlTestDatabase>, IAsyncLifetime
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30), Lease = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(MySqlTestDatabase.Server is null, "ETL_TEST_MYSQL names no server");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (MySqlTestDatabase.Server is not null) await database.EmptyAsync();
    }

    [Fact]
    public async Task A_deadlock_is_answered_by_beginning_anew()
    {
        await using var store = await OpenAsync(new());
        var slots = await ClaimTwoAsync(store);
        await using var opponent = await Opponent.BeginAsync(database.Name);
        await opponent.LockAsync(await RowAsync(slots[1]));
        var renewing = store.Ledger.RenewAsync(slots, Lease, Cancel);
        await opponent.WaitedForAsync(1);
        await opponent.LockAsync(await RowAsync(slots[0])); // the circle is closed: the store's transaction, which has changed less, is the one that is ended
        await opponent.EndAsync();
        (await renewing.WaitAsync(Longest, Cancel)).Count.ShouldBe(2);
        RetriesOf(store).ShouldBe(1);
    }

    [Fact]
    public async Task Deadlocks_again_and_again_end_in_a_transient_fault()
    {
        await using var store = await OpenAsync(new() { ConflictAttempts = 2 });
        var slots = await ClaimTwoAsync(store);
        await using var first = await Opponent.BeginAsync(database.Name);
        await using var second = await Opponent.BeginAsync(database.Name);
        await first.LockAsync(await RowAsync(slots[1]));
        var renewing = store.Ledger.RenewAsync(slots, Lease, Cancel);
        await first.WaitedForAsync(1);
        var queued = second.LockAsync(await RowAsync(slots[1]));
        await first.WaitedForAsync(2);
        await first.LockAsync(await RowAsync(slots[0]));
        await first.WaitedForAsync(2); // the store's second attempt, and the second opponent
        await first.EndAsync();
        await queued;
        await second.WaitedForAsync(1);
        await second.LockAsync(await RowAsync(slots[0]));
        var fault = await Should.ThrowAsync<StoreException>(() => renewing.WaitAsync(Longest, Cancel));
        (fault.IsTransient, fault.Message.Contains("deadlock again and again")).ShouldBe((true, true));
        RetriesOf(store).ShouldBe(1);
        await second.EndAsync();
        (await store.Ledger.RenewAsync(slots, Lease, Cancel)).Count.ShouldBe(2, "it goes on when there is peace");
    }

    [Fact]
    public async Task A_lock_that_is_held_too_long_is_waited_for_within_a_bound()
    {
        await using var store = await OpenAsync(new() { Patience = TimeSpan.FromSeconds(1.5) });
        var slots = await ClaimTwoAsync(store);
        await using var opponent = await Opponent.BeginAsync(database.Name);
        await opponent.LockAsync(await RowAsync(slots[0]));
        var clock = Stopwatch.StartNew();
        var fault = await Should.ThrowAsync<StoreException>(() => store.Ledger.RenewAsync(slots, Lease, Cancel));
        (fault.IsTransient, fault.Message.Contains("holds a lock too long")).ShouldBe((true, true));
        clock.Elapsed.ShouldBeLessThan(Longest);
        RetriesOf(store).ShouldBe(1);
        await opponent.EndAsync();
        (await store.Ledger.RenewAsync(slots, Lease, Cancel)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_process_that_is_frozen_in_a_commit_does_not_keep_its_locks()
    {
        await using var frozen = await OpenAsync(new() { Patience = TimeSpan.FromSeconds(2) });
        await using var other = await OpenAsync(new());
        Assert.SkipWhen(!(await TextAsync("select version()")).Contains("MariaDB", StringComparison.Ordinal), "MySQL ends no session that is idle inside a transaction");
        long token = await frozen.Commits.OpenWriterAsync("frozen", Lease, Cancel), next = await other.Commits.OpenWriterAsync("other", Lease, Cancel);
        using var thawed = new ManualResetEventSlim();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int times = 0;
        var committing = Task.Run(async () =>
        {
            using var points = CrashPoints.Listen(point =>
            {
                if (point != CrashPoint.CommitPrepared || times++ > 0) return;
                reached.SetResult();
                thawed.Wait(Longest); // holds the head's lock
            });
            return await frozen.Commits.CommitAsync([Adding(token, "a")], Cancel);
        }, Cancel);
        await reached.Task.WaitAsync(Longest, Cancel);
        (await other.Commits.CommitAsync([Adding(next, "b")], Cancel))[0].ShouldBeOfType<CommitOutcome.Committed>();
        thawed.Set();
        var fault = await Should.ThrowAsync<StoreException>(() => committing);
        (fault.IsTransient, fault.Message.Contains("connection was lost")).ShouldBe((true, true), "its transaction was ended by the server");
        (await other.Commits.AfterAsync(0, 10, Cancel)).ShouldHaveSingleItem();
        (await frozen.Commits.CommitAsync([Adding(token, "a")], Cancel))[0].ShouldBeOfType<CommitOutcome.Committed>();
        (await other.Commits.AfterAsync(0, 10, Cancel)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task All_idle_connections_may_be_lost_at_once()
    {
        await using var store = await OpenAsync(new());
        int many = new MetadataOptions().ConnectAttempts + 2; // so many that a caller must not meet them one by one
        using (var all = new CountdownEvent(many))
        {
            var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await Task.WhenAll(Enumerable.Range(0, many).Select(_ => ((RelationalMetadata)store).Database.ReadAsync(async _ =>
            {
                if (all.Signal()) open.SetResult();
                await open.Task.WaitAsync(Longest, Cancel);
                return 0;
            }, Cancel)));
        }
        await using (var connection = new MySqlConnection(MySqlTestDatabase.Server))
        {
            await connection.OpenAsync(Cancel);
            List<long> ids = [];
            await using (var list = new MySqlCommand($"select id from information_schema.processlist where db = '{database.Name}'", connection))
            await using (var reader = await list.ExecuteReaderAsync(Cancel))
                while (await reader.ReadAsync(Cancel)) ids.Add(reader.GetInt64(0));
            ids.Count.ShouldBeGreaterThanOrEqualTo(many);
            foreach (long id in ids) await new MySqlCommand($"kill {id}", connection).ExecuteNonQueryAsync(Cancel);
        }
        await store.Commits.HeadAsync(Cancel);
        RetriesOf(store).ShouldBe(1);
    }

    private Task<IMetadata> OpenAsync(MetadataOptions options) => MySqlMetadata.OpenAsync(MySqlTestDatabase.Server!, database.Name, TimeProvider.System, options, Cancel);

    private static long RetriesOf(IMetadata store) => ((RelationalMetadata)store).Database.Retries;

    private static PendingCommit Adding(long token, string path) => new() { Kind = CommitKind.Adopt, Token = token, Added = [new("d", path, 0, 1, 1, [], [])] };

    private static async Task<IReadOnlyList<Slot>> ClaimTwoAsync(IMetadata store)
    {
        var noon = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        await store.Ledger.PlanAsync([.. Enumerable.Range(0, 2).Select(hour => new PlannedSlot(new("dag/step", WindowCalendar.Of("UTC").HourOf(noon.AddHours(hour))), Lane.Live, SlotState.Queued))], Cancel);
        long token = await store.Commits.OpenWriterAsync("test", Lease, Cancel);
        return [.. (await store.Ledger.ClaimAsync(new(["dag/step"], 2, token, Lease), Cancel)).OrderBy(slot => slot.Id.Window.Start)];
    }

    private async Task<long> RowAsync(Slot slot) => long.Parse(await TextAsync($"select id from {database.Name}.etl_slot where start = {Micros.Of(slot.Id.Window.Start)}"), CultureInfo.InvariantCulture);

    private static async Task<string> TextAsync(string sql)
    {
        await using var connection = new MySqlConnection(MySqlTestDatabase.Server);
        await connection.OpenAsync(Cancel);
        await using var command = new MySqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(Cancel), CultureInfo.InvariantCulture)!;
    }

    /// <summary>Another session's transaction, which has changed much: of two that wait for each other, the server ends the other one.</summary>
    private sealed class Opponent(MySqlConnection connection, string database) : IAsyncDisposable
    {
        private const int Changes = 200;

        public static async Task<Opponent> BeginAsync(string database)
        {
            var opponent = new Opponent(new($"{MySqlTestDatabase.Server};Database={database}"), database);
            await opponent.OpenAsync();
            return opponent;
        }

        private async Task OpenAsync()
        {
            await connection.OpenAsync(Cancel);
            await RunAsync("set session transaction isolation level read committed; start transaction");
            await RunAsync($"insert into etl_name (name) values {string.Join(',', Enumerable.Range(0, Changes).Select(_ => $"('{Guid.NewGuid()}')"))}");
        }

        public Task LockAsync(long row) => RunAsync($"update etl_slot set reason = concat(reason, 'x') where id = {row}");

        public Task EndAsync() => RunAsync("commit");

        /// <summary>Until so many sessions of the database wait for a lock.</summary>
        public async Task WaitedForAsync(int sessions)
        {
            string waiting = $"select count(*) from information_schema.innodb_trx t join information_schema.processlist p on p.id = t.trx_mysql_thread_id where p.db = '{database}' and t.trx_state = 'LOCK WAIT'";
            for (var clock = Stopwatch.StartNew(); await TextAsync(waiting) != $"{sessions}"; await Task.Delay(150, Cancel)) // the server renews that table every 100 ms
                clock.Elapsed.ShouldBeLessThan(Longest, $"not {sessions} sessions wait for a lock");
        }

        private async Task RunAsync(string sql)
        {
            await using var command = new MySqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(Cancel);
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}

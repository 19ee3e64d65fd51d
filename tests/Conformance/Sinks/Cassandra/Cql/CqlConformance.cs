using System.Globalization;
using Etl.Codecs.Cql;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Conformance.Sinks.Cassandra.Cql;

/// <summary>What the client promises, against a real Cassandra in each protocol version.</summary>
public abstract class CqlConformance(CqlWorld world) : CqlValuesConformance(world)
{
    [Fact]
    public async Task The_version_asked_for_is_the_one_spoken()
    {
        Session.Cluster.ProtocolVersion.ShouldBe(World.Version);
        var host = Session.Cluster.AllHosts().ShouldHaveSingleItem();
        (await World.ExecuteAsync("SELECT cluster_name FROM system.local")).Rows[0].GetValue<string>(0).ShouldBe(Session.Cluster.ClusterName);
        host.Tokens.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Pages_are_walked_to_the_end_whether_or_not_the_last_is_full()
    {
        string table = await World.TableAsync("k int, n int, PRIMARY KEY (k, n)");
        var insert = await Session.PrepareAsync($"INSERT INTO {table} (k, n) VALUES (?, ?)", Cancel);
        await Session.ExecuteAllAsync(Enumerable.Range(0, 25).Select(n => insert.Bind(n < 20 ? 1 : 2, n)), cancel: Cancel);
        var select = await Session.PrepareAsync($"SELECT n FROM {table} WHERE k = ?", Cancel);

        foreach (var (key, expected) in (IEnumerable<(int, int)>)[(1, 20), (2, 5), (3, 0)])
        {
            var found = new List<int>();
            await foreach (var row in await Session.ExecuteAsync(select.Bind(key).SetPageSize(5), Cancel)) found.Add(row.GetValue<int>(0));
            found.ShouldBe(Enumerable.Range(key == 2 ? 20 : 0, expected));
        }

        var page = await Session.ExecuteAsync(select.Bind(1).SetPageSize(15), Cancel);
        (page.Rows.Count, page.IsFullyFetched).ShouldBe((15, false));
        var later = await Session.ExecuteAsync(select.Bind(1).SetPageSize(15).SetPagingState(page.PagingState!), Cancel);
        later.Rows.Select(row => row.GetValue<int>(0)).ShouldBe([15, 16, 17, 18, 19]);
        await page.FetchMoreResultsAsync(Cancel);
        (page.Rows.Count, page.IsFullyFetched).ShouldBe((5, true));
    }

    [Fact]
    public async Task A_table_altered_under_prepared_statements_is_read_by_its_new_columns()
    {
        string table = await World.TableAsync("k int PRIMARY KEY, b text");
        var select = await Session.PrepareAsync($"SELECT * FROM {table} WHERE k = ?", Cancel);
        var insert = await Session.PrepareAsync($"INSERT INTO {table} (k, b) VALUES (?, ?)", Cancel);
        await Session.ExecuteAsync(insert.Bind(1, "before"), Cancel);
        (await Session.ExecuteAsync(select.Bind(1), Cancel)).Columns.Select(column => column.Name).ShouldBe(["k", "b"]);

        await World.ExecuteAsync($"ALTER TABLE {table} ADD a int"); // sorts before b: old columns would make garbage of it
        await World.ExecuteAsync($"UPDATE {table} SET a = 7 WHERE k = 1");
        for (int turn = 0; turn < 2; turn++)
        {
            var row = (await Session.ExecuteAsync(select.Bind(1), Cancel)).Rows.ShouldHaveSingleItem();
            (row.GetValue<int>("k"), row.GetValue<int>("a"), row.GetValue<string>("b")).ShouldBe((1, 7, "before"));
        }
        var batch = new BatchStatement().Add(insert.Bind(2, "after")).Add((await Session.PrepareAsync($"UPDATE {table} SET b = ? WHERE k = ?", Cancel)).Bind("too", 3));
        await World.ExecuteAsync($"ALTER TABLE {table} ADD c int"); // now the server knows neither of the two
        await Session.ExecuteAsync(batch, Cancel);
        (await Session.ExecuteAsync(select.Bind(3), Cancel)).Rows[0].GetValue<string>("b").ShouldBe("too");
    }

    [Fact]
    public async Task A_dropped_table_is_told_once_and_not_prepared_for_ever()
    {
        string table = await World.TableAsync("k int PRIMARY KEY");
        var insert = await Session.PrepareAsync($"INSERT INTO {table} (k) VALUES (?)", Cancel);
        await World.ExecuteAsync($"DROP TABLE {table}");
        var error = await Should.ThrowAsync<InvalidQueryException>(() => Session.ExecuteAsync(insert.Bind(1), Cancel));
        (error.IsTransient, error.StatementText).ShouldBe((false, insert.Cql));
    }

    [Fact]
    public async Task Values_bound_for_a_table_that_was_made_anew_with_other_types_are_refused()
    {
        string table = await World.TableAsync("k int PRIMARY KEY, v int");
        string cql = $"INSERT INTO {table} (k, v) VALUES (?, ?)";
        var old = await Session.PrepareAsync(cql, Cancel);
        await World.ExecuteAsync($"DROP TABLE {table}");
        await World.ExecuteAsync($"CREATE TABLE {table} (k int PRIMARY KEY, v float)"); // four bytes too
        (await Should.ThrowAsync<PreparedQueryNotFoundException>(() => Session.ExecuteAsync(old.Bind(1, 7), Cancel))).Message.ShouldContain("bind it anew");
        var anew = await Session.PrepareAsync(cql, Cancel);
        await Session.ExecuteAsync(anew.Bind(1, 7f), Cancel);
        (await World.ExecuteAsync($"SELECT v FROM {table}")).Rows[0].GetValue<float>(0).ShouldBe(7f);
    }

    [Fact]
    public async Task Statements_of_one_batch_have_their_own_time_stamps()
    {
        string table = await World.TableAsync("k int, n int, v text, PRIMARY KEY (k, n)");
        var insert = await Session.PrepareAsync($"INSERT INTO {table} (k, n, v) VALUES (?, ?, ?) USING TIMESTAMP ?", Cancel);
        await Session.ExecuteAsync(new BatchStatement().Add(insert.Bind(1, 1, "newer", 2000L)).Add(insert.Bind(1, 2, "older", 1000L)), Cancel);
        await Session.ExecuteAsync(new BatchStatement().Add(insert.Bind(1, 1, "late", 1500L)).Add(insert.Bind(1, 2, "late", 1500L)), Cancel);
        var rows = (await World.ExecuteAsync($"SELECT v, writetime(v) FROM {table} WHERE k = 1")).Rows;
        rows.Select(row => (row.GetValue<string>(0), row.GetValue<long>(1))).ShouldBe([("newer", 2000L), ("late", 1500L)]);

        await Session.ExecuteAsync(new SimpleStatement($"INSERT INTO {table} (k, n, v) VALUES (1, 1, 'oldest')").SetTimestamp(10), Cancel);
        (await World.ExecuteAsync($"SELECT v FROM {table} WHERE k = 1 AND n = 1")).Rows[0].GetValue<string>(0).ShouldBe("newer");
    }

    [Fact]
    public async Task Answers_to_thousands_of_requests_at_once_reach_who_asked()
    {
        string table = await World.TableAsync("k int PRIMARY KEY, v text");
        var insert = (await Session.PrepareAsync($"INSERT INTO {table} (k, v) VALUES (?, ?)", Cancel)).SetIdempotence(true);
        (await Session.ExecuteAllAsync(Enumerable.Range(0, 3000).Select(k => insert.Bind(k, $"value {k}")), cancel: Cancel)).ShouldBe(3000);
        var select = await Session.PrepareAsync($"SELECT v FROM {table} WHERE k = ?", Cancel);
        var answers = await Task.WhenAll(Enumerable.Range(0, 3000).Select(k => Session.ExecuteAsync(select.Bind(k), Cancel)));
        for (int k = 0; k < answers.Length; k++) answers[k].Rows[0].GetValue<string>(0).ShouldBe($"value {k}");
    }

    [Fact]
    public async Task Requests_past_the_bounds_are_refused_not_kept()
    {
        _ = Session;
        await using var cluster = World.Builder().WithPoolingOptions(new() { RequestsPerConnection = 2, QueuedMax = 3 }).Build();
        await using var session = await cluster.ConnectAsync(Cancel);
        var all = Enumerable.Range(0, 50).Select(_ => session.ExecuteAsync(new SimpleStatement("SELECT * FROM system_schema.columns"), Cancel)).ToList();
        await Task.WhenAll(all.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        all.Count(task => task.IsCompletedSuccessfully).ShouldBeGreaterThanOrEqualTo(5);
        all.Where(task => task.IsFaulted).Select(task => task.Exception!.InnerException).ShouldAllBe(error => error is BusyPoolException);
        all.Count(task => task.IsFaulted).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Many_writes_stop_at_the_first_failure_and_tell_it()
    {
        string table = await World.TableAsync("k int PRIMARY KEY, v text");
        var insert = await Session.PrepareAsync($"INSERT INTO {table} (k, v) VALUES (?, ?)", Cancel);
        int taken = 0;
        var error = await Should.ThrowAsync<InvalidQueryException>(() => Session.ExecuteAllAsync(Enumerable.Range(0, 100_000).Select(k =>
        {
            taken++;
            return k == 50 ? insert.Bind(Unset.Value, "no key") : insert.Bind(k, "v");
        }), 64, Cancel));
        taken.ShouldBeInRange(51, 50_000);
        error.Message.ShouldContain(table);
        await Should.ThrowAsync<FormatException>(() => Session.ExecuteAllAsync(Enumerable.Range(0, 10).Select(k => k < 5 ? insert.Bind(k, "v") : throw new FormatException()), cancel: Cancel));
    }

    [Fact]
    public async Task Errors_say_what_where_and_whether_to_try_again()
    {
        string table = await World.TableAsync("k int PRIMARY KEY, v text");
        var syntax = await Should.ThrowAsync<SyntaxErrorException>(() => World.ExecuteAsync("SELEC 1"));
        (syntax.IsTransient, syntax.StatementText, syntax.Host is not null).ShouldBe((false, "SELEC 1", true));
        syntax.Message.ShouldContain("no viable alternative");
        (await Should.ThrowAsync<InvalidQueryException>(() => World.ExecuteAsync($"SELECT z FROM {table}"))).Message.ShouldContain("Undefined column name z");
        (await Should.ThrowAsync<AlreadyExistsException>(() => World.ExecuteAsync($"CREATE TABLE {table} (k int PRIMARY KEY)"))).Table.ShouldBe(table.Split('.')[1]);
        await Should.ThrowAsync<InvalidConfigurationInQueryException>(() => World.ExecuteAsync("CREATE KEYSPACE broken WITH replication = {'class': 'NoStrategy'}"));
        var few = await Should.ThrowAsync<UnavailableException>(() => Session.ExecuteAsync(new SimpleStatement($"SELECT * FROM {table} WHERE k = 1").SetConsistencyLevel(ConsistencyLevel.Three), Cancel));
        (few.IsTransient, few.ConsistencyLevel, few.RequiredReplicas, few.AliveReplicas).ShouldBe((true, ConsistencyLevel.Three, 3, 1));
    }

    [Fact]
    public async Task Conditional_writes_say_whether_they_were_applied()
    {
        string table = await World.TableAsync("k int PRIMARY KEY, v text");
        (await World.ExecuteAsync($"INSERT INTO {table} (k, v) VALUES (1, 'first') IF NOT EXISTS")).WasApplied.ShouldBeTrue();
        var second = await World.ExecuteAsync($"INSERT INTO {table} (k, v) VALUES (1, 'second') IF NOT EXISTS");
        (second.WasApplied, second.Rows[0].GetValue<string>("v")).ShouldBe((false, "first"));
    }

    [Fact]
    public async Task Warnings_of_the_server_come_with_the_result_and_in_the_log()
    {
        string table = await World.TableAsync("k int PRIMARY KEY, v text");
        var insert = await Session.PrepareAsync($"INSERT INTO {table} (k, v) VALUES (?, ?)", Cancel);
        var batch = new BatchStatement();
        for (int k = 0; k < 12; k++) batch.Add(insert.Bind(k, new string('x', 1000)));
        batch.Bytes.ShouldBeInRange(12_000, 13_000);
        var done = await Session.ExecuteAsync(batch, Cancel);
        done.Info.Warnings.ShouldNotBeEmpty();
        World.Log.ShouldContain(entry => entry.IsWarning && entry.Text.Contains(done.Info.Warnings[0], StringComparison.Ordinal));
        (await World.ExecuteAsync($"SELECT count(*) FROM {table}")).Rows[0].GetValue<long>(0).ShouldBe(12);
    }

    [Fact]
    public async Task Who_cancels_waits_no_longer_and_others_are_not_disturbed()
    {
        _ = Session;
        using var stop = new CancellationTokenSource();
        var cancelled = Session.ExecuteAsync(new SimpleStatement("SELECT * FROM system_schema.columns"), stop.Token);
        var other = Session.ExecuteAsync(new SimpleStatement("SELECT key FROM system.local"), Cancel);
        await stop.CancelAsync();
        try { await cancelled; }
        catch (OperationCanceledException) { }
        (await other).Rows[0].GetValue<string>(0).ShouldBe("local");
        (await World.ExecuteAsync("SELECT key FROM system.local")).Rows.Count.ShouldBe(1);
        await Should.ThrowAsync<OperationCanceledException>(() => Session.ExecuteAsync(new SimpleStatement("SELECT key FROM system.local"), stop.Token));
    }

    [Fact]
    public async Task Callers_that_prepare_the_same_text_share_one_request()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"SELECT key AS k{Environment.TickCount64} FROM system.local");
        _ = Session;
        var prepared = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Session.PrepareAsync(text, Cancel)));
        prepared.Distinct().ShouldHaveSingleItem();
        await Should.ThrowAsync<SyntaxErrorException>(() => Session.PrepareAsync("SELEC", Cancel));
        await Should.ThrowAsync<SyntaxErrorException>(() => Session.PrepareAsync("SELEC", Cancel)); // a failure is not remembered
    }
}

using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Sinks;
using Etl.Sinks.Cassandra;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Conformance.Sinks;

[Trait("needs", "cassandra")]
public sealed partial class CassandraSinkConformance(CassandraKeyspace keyspace) : SinkConformance, IClassFixture<CassandraKeyspace>
{
    protected override int SchemaRounds => 3; // a change takes a tenth of a second there

    protected override string ForeignTable => "CREATE TABLE truck_hourly (hour text PRIMARY KEY, truck_id text)";

    protected override string? ForeignView => null;

    protected override Task CreateAsync()
    {
        Assert.SkipWhen(keyspace.Server.Length == 0, "ETL_TEST_CASSANDRA is not set: no Cassandra to test against");
        return Task.CompletedTask;
    }

    protected override Task DropAsync() => keyspace.DropTablesAsync();

    protected override ISink Open() => Open(keyspace.Server);

    protected override Task ExecuteAsync(string sql) => keyspace.ExecuteAsync(sql.Replace(" truck_hourly", $" {keyspace.Name}.truck_hourly", StringComparison.Ordinal));

    [Fact]
    public async Task A_writer_that_slept_in_the_middle_of_a_lower_version_changes_nothing()
    {
        await using var other = Open();
        await PublishAsync(1);
        for (int round = 1; round <= 50; round++)
        {
            long low = round * 10, high = low + 1;
            var (isHalf, goOn) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new ManualResetEventSlim());
            Task<ReplaceOutcome> slow;
            using (CrashPoints.Listen(point => { if (point == CrashPoint.PublishHalf && isHalf.TrySetResult()) goOn.Wait(); }))
            {
                slow = Task.Run(() => PublishAsync(other, Trucks, low, [Truck("a", low), Truck("gone", low), Truck("null", low, 1.5)], null));
                await isHalf.Task.WaitAsync(TimeSpan.FromSeconds(30));
                using var begun = Keys("gone"); // of the intent that the lower version has recorded
                (await PublishAsync(Sink, Trucks, high, [Truck("a", high), Truck("null", high, null)], begun)).ShouldBe(ReplaceOutcome.Replaced);
                goOn.Set();
            }
            await slow;
            await ShouldHoldAsync(Truck("a", high), Truck("null", high, null));
            (await VersionAsync()).ShouldBe(high);
        }
    }

    [Fact]
    public async Task What_a_crashed_version_has_written_is_null_where_the_next_one_says_so()
    {
        using (CrashPoints.Listen(point => { if (point == CrashPoint.PublishHalf) throw new InvalidOperationException("crash"); }))
            await Should.ThrowAsync<InvalidOperationException>(() => PublishAsync(1, Truck("a", 1, 1.5)));
        (await VersionAsync()).ShouldBeNull();
        await PublishAsync(2, Truck("a", 2, null));
        await ShouldHoldAsync(Truck("a", 2, null));
    }

    [Fact]
    public async Task A_lower_version_writes_nothing_once_a_higher_one_has_begun()
    {
        using (CrashPoints.Listen(point => { if (point == CrashPoint.PublishHalf) throw new InvalidOperationException("crash"); }))
            await Should.ThrowAsync<InvalidOperationException>(() => PublishAsync(5, Truck("a", 5)));
        (await PublishAsync(4, Truck("b", 4))).ShouldBe(ReplaceOutcome.Superseded);
        (await PublishAsync(5, Truck("a", 5))).ShouldBe(ReplaceOutcome.Replaced);
        await ShouldHoldAsync(Truck("a", 5));
    }

    [Fact]
    public async Task A_row_deleted_by_hand_comes_back_with_the_next_version()
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000;
        await PublishAsync(now - 60_000_000, Truck("a", 1), Truck("b", 1));
        await ExecuteAsync("DELETE FROM truck_hourly WHERE truck_id = 'a' AND month = 202603");
        await ShouldHoldAsync(Truck("b", 1));
        await PublishAsync(now + 60_000_000, Truck("a", 2), Truck("b", 2));
        await ShouldHoldAsync(Truck("a", 2), Truck("b", 2));
    }

    [Fact]
    public async Task A_day_of_a_key_is_one_read_of_one_partition()
    {
        foreach (var hour in WindowCalendar.Of("UTC").HoursOf(WindowCalendar.Of("UTC").Day(new(2026, 3, 1)))) await PublishAsync(Sink, Trucks, 1, [[hour.Start, "a", (long)hour.Start.Hour, 1.0]], null, hour);
        var rows = (await keyspace.ExecuteAsync($"SELECT count FROM {keyspace.Name}.truck_hourly WHERE truck_id = 'a' AND month = 202603 AND hour >= '2026-03-01 00:00:00+0000' AND hour < '2026-03-02 00:00:00+0000'")).Rows;
        rows.Select(row => row.GetValue<long>(0)).ShouldBe(Enumerable.Range(0, 24).Select(hour => (long)hour));
    }

    [Fact]
    public async Task Two_that_make_the_keyspace_at_once_both_publish()
    {
        for (int round = 1; round <= 2; round++)
        {
            string name = $"{keyspace.Name[..38]}_{round}";
            try
            {
                await using CassandraSink first = Open(keyspace.Server, name), second = Open(keyspace.Server, name);
                await AtOnce.RunAsync(Publishing(first, 1), Publishing(second, 2));
                (await first.VersionAsync(Trucks.Name, Hour, CancellationToken.None)).ShouldBe(2);
            }
            finally { await keyspace.ExecuteAsync($"DROP KEYSPACE IF EXISTS {name}"); }
        }

        Func<Task> Publishing(CassandraSink sink, long version) => async () => await PublishAsync(sink, Trucks, version, [Truck("a", version)], null);
    }

    [Fact]
    public async Task A_column_named_as_the_bucket_is_refused()
    {
        var table = Trucks with { Columns = [.. Trucks.Columns, Field("month", Etl.Codecs.Columns.ColumnKind.Int32)] };
        (await Sink.PrepareAsync(table, CancellationToken.None)).ShouldNotBeNull().ShouldContain("rename it with AS in the SQL");
        (await Sink.PrepareAsync(Trucks with { Name = new('t', 49) }, CancellationToken.None)).ShouldNotBeNull().ShouldContain("at most 48");
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_transient_and_names_it()
    {
        await using var sink = Open("127.0.0.1:1");
        var error = await Should.ThrowAsync<StoreException>(() => sink.VersionAsync("t", Hour, CancellationToken.None));
        error.IsTransient.ShouldBeTrue(error.Message);
        error.Message.ShouldContain("127.0.0.1:1");
    }

    private CassandraSink Open(string server, string? name = null) => new(new SinkName("cassandra"), new CassandraSinkOptions { ContactPoints = [server], Keyspace = name ?? keyspace.Name }, TimeProvider.System, new Random(1));
}

/// <summary>A keyspace for the tests of one class: making one takes Cassandra longer than most tests.</summary>
public sealed class CassandraKeyspace : IAsyncLifetime
{
    private Cluster? _cluster;
    private ISession? _session;

    public string Server { get; } = Environment.GetEnvironmentVariable("ETL_TEST_CASSANDRA") ?? "";

    public string Name { get; } = $"etl_sinks_{Guid.NewGuid():N}"[..40];

    public async ValueTask InitializeAsync()
    {
        if (Server.Length == 0) return;
        _cluster = Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoint(Server).Build();
        _session = await _cluster.ConnectAsync();
        await ExecuteAsync($"CREATE KEYSPACE {Name} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}");
    }

    public Task<RowSet> ExecuteAsync(string cql) => _session!.ExecuteAsync(new SimpleStatement(cql));

    /// <summary>Drops all tables but that of the guards.</summary>
    public async Task DropTablesAsync()
    {
        if (_session is null) return;
        foreach (var row in (await ExecuteAsync($"SELECT table_name FROM system_schema.tables WHERE keyspace_name = '{Name}'")).Rows)
            if (row.GetValue<string>(0) is { } table && table != "etl_published") await ExecuteAsync($"DROP TABLE {Name}.\"{table}\"");
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is null) return;
        await ExecuteAsync($"DROP KEYSPACE {Name}");
        await _session.DisposeAsync();
        await _cluster!.DisposeAsync();
    }
}

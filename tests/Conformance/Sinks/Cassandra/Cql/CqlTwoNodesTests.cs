using System.Collections.Concurrent;
using Etl.Codecs.Columns;
using Etl.Codecs.Cql;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Sinks;
using Etl.Sinks.Cassandra;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Conformance.Sinks.Cassandra.Cql;

/// <summary>A cluster of two: who is asked, and what happens when one is killed and comes back.</summary>
[Trait("needs", "cassandra")]
public sealed class CqlTwoNodesTests
{
    private const int Rows = 10_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Partitions_are_asked_of_their_replica_and_a_killed_node_loses_and_doubles_nothing()
    {
        await using var server = await OwnServer.CassandraAsync("--nodes", "2", "--durable");
        var log = new ConcurrentQueue<CqlLogEntry>();
        await using var cluster = Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoint(server.Addresses[0]).WithLog(log.Enqueue)
            .WithReconnectionOptions(new() { BaseDelay = TimeSpan.FromMilliseconds(500), MaxDelay = TimeSpan.FromSeconds(2) }).Build();
        await using var session = await cluster.ConnectAsync(Cancel);
        cluster.AllHosts().Select(host => host.Address.ToString()).Order().ShouldBe(server.Addresses.Order());
        foreach (int factor in (int[])[1, 2])
        {
            var made = await session.ExecuteAsync(new SimpleStatement($"CREATE KEYSPACE rf{factor} WITH replication = {{'class': 'NetworkTopologyStrategy', 'datacenter1': {factor}}}"), Cancel);
            made.Info.IsSchemaInAgreement.ShouldBeTrue();
            await session.ExecuteAsync(new SimpleStatement($"CREATE TABLE rf{factor}.t (k int, n int, v text, PRIMARY KEY (k, n))"), Cancel);
        }
        await RingKnowsAsync(cluster, "rf2");
        foreach (var host in cluster.AllHosts())
            for (int turn = 0; turn < 3; turn++)
                (await session.ExecuteAsync(new SimpleStatement("SELECT key FROM system.local").SetHost(host), Cancel)).Info.QueriedHost.ShouldBe(host.Address);
        (await cluster.CheckSchemaAgreementAsync(Cancel)).ShouldBeTrue();
        await PublishAtOnceAsync(server, session);

        var select = await session.PrepareAsync("SELECT v FROM rf1.t WHERE k = ?", Cancel);
        for (int k = 0; k < 50; k++)
        {
            var bound = select.Bind(k);
            (await session.ExecuteAsync(bound, Cancel)).Info.QueriedHost.ShouldBe(cluster.GetReplicas("rf1", bound.Routing!.Value.Token).ShouldHaveSingleItem().Address);
        }

        var insert = (await session.PrepareAsync("INSERT INTO rf2.t (k, n, v) VALUES (?, ?, ?)", Cancel)).SetIdempotence(true);
        bool isKilled = false;
        IEnumerable<Statement> Writes()
        {
            for (int i = 0; i < Rows; i++)
            {
                if (i == Rows / 2 && !isKilled)
                {
                    isKilled = true;
                    server.Kill("n2"); // with requests under way on both
                }
                yield return insert.Bind(i % 100, i, "v").SetConsistencyLevel(ConsistencyLevel.One);
            }
        }
        (await session.ExecuteAllAsync(Writes(), 256, Cancel)).ShouldBe(Rows);
        log.ShouldContain(entry => entry.IsWarning && entry.Text.Contains("is lost", StringComparison.Ordinal));

        await server.RestartAsync("n2");
        string second = server.Addresses[1];
        for (int turn = 0; ; turn++)
        {
            var asked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => session.ExecuteAsync(new SimpleStatement("SELECT key FROM system.local"), Cancel)));
            if (asked.Any(result => result.Info.QueriedHost.ToString() == second)) break;
            turn.ShouldBeLessThan(100, "the node that came back is not asked");
            await Task.Delay(100, Cancel);
        }
        (await CountAsync(session)).ShouldBe(Rows);
    }

    // As two processes do, each knowing another node: a table that is made on two nodes at once would be two tables, of which one loses its rows.
    private static async Task PublishAtOnceAsync(OwnServer server, ISession session)
    {
        await session.ExecuteAsync(new SimpleStatement("CREATE KEYSPACE at_once WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 2}"), Cancel);
        var sinks = server.Addresses.Select(address => new CassandraSink(new SinkName("cassandra"), new CassandraSinkOptions { ContactPoints = [address], Keyspace = "at_once" }, TimeProvider.System, new Random(1))).ToList();
        var calendar = WindowCalendar.Of("UTC");
        var hours = calendar.HoursOf(calendar.Day(new(2026, 3, 1))).Take(sinks.Count).ToList();
        ColumnField hour = new("hour", ColumnType.Of(ColumnKind.Timestamp), true), count = new("count", ColumnType.Of(ColumnKind.Int64), true), more = new("more", ColumnType.Of(ColumnKind.Int64), true);
        for (int round = 1; round <= 3; round++)
        {
            var narrow = new ResultTable($"round_{round}", "hour", [hour, count], ["hour"]);
            var wide = narrow with { Columns = [hour, count, more] };
            await AtOnce.RunAsync([.. sinks.Select((sink, index) => Publishing(sink, index == 0 ? narrow : wide, 1, hours[index]))]);
            await AtOnce.RunAsync([.. sinks.Select((sink, index) => Publishing(sink, wide, 2, hours[index]))]);
            foreach (var sink in sinks)
                foreach (var window in hours) (await sink.ReadAsync(wide, window, Cancel)).ShouldHaveSingleItem().ShouldBe([window.Start, 2L, 2L]);
        }
        foreach (var sink in sinks) await sink.DisposeAsync();

        static Func<Task> Publishing(CassandraSink sink, ResultTable table, long version, Window window) => async () =>
        {
            using var rows = Batches.Of(table.Columns, [[.. new object?[] { window.Start, version, version }.Take(table.Columns.Count)]]);
            (await sink.PrepareAsync(table, Cancel)).ShouldBeNull();
            (await sink.ReplaceAsync(table, window, version, rows, null, Cancel)).ShouldBe(ReplaceOutcome.Replaced);
        };
    }

    // Of both nodes: what one of them answered before it died, it has in its log.
    private static async Task<int> CountAsync(ISession session)
    {
        var select = (await session.PrepareAsync("SELECT n FROM rf2.t WHERE k = ?", Cancel)).SetIdempotence(true);
        int count = 0;
        for (int k = 0; k < 100; k++)
            await foreach (var _ in await session.ExecuteAsync(select.Bind(k).SetConsistencyLevel(ConsistencyLevel.All), Cancel)) count++;
        return count;
    }

    // The new keyspace comes by an event.
    private static async Task RingKnowsAsync(Cluster cluster, string keyspace)
    {
        for (int turn = 0; cluster.GetReplicas(keyspace, 0).Count == 0; turn++)
        {
            turn.ShouldBeLessThan(100, "the keyspace is not known");
            await Task.Delay(50, Cancel);
        }
    }
}

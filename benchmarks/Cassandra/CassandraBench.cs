using System.Diagnostics;
using System.Globalization;
using Etl.Codecs.Cql;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Benchmarks.Cassandra;

/// <summary>100,000 hourly rows × 12 columns (8 doubles) to one node by our client: each row a prepared statement, or the 24 of a day as an unlogged batch of one partition.</summary>
public sealed class CassandraBench : IBench
{
    private const string Variable = "ETL_TEST_CASSANDRA";

    private const int RowCount = 100_000, Doubles = 8, HoursPerDay = 24, HoursPerMonth = 720, KeysPerTurn = 1_000, WarmUps = 2, InFlight = 512, BatchesInFlight = 128;

    private const long FirstHour = 1_772_323_200_000, MillisPerHour = 3_600_000; // 2026-03-01

    private readonly bool _batches;

    private CassandraBench(bool batches) => _batches = batches;

    public static CassandraBench OfSingles { get; } = new(batches: false);

    public static CassandraBench OfBatches { get; } = new(batches: true);

    public string Name => _batches ? "cassandra-batch" : "cassandra-single";

    public string Description => _batches ? "100,000 hourly rows × 12 columns to one Cassandra node as unlogged batches of 24 rows of one partition" : "100,000 hourly rows × 12 columns to one Cassandra node, each a prepared statement";

    public string Unit => "rows/s";

    public Bar Bar => Bar.Least(_batches ? 200_000 : 40_000);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        string server = Environment.GetEnvironmentVariable(Variable) ?? throw new BenchUnavailableException($"{Variable} is not set; expected host:port of a Cassandra, e.g. 127.0.0.1:9042");
        string keyspace = $"bench_{Guid.NewGuid():N}";
        int rows = settings.Scaled(RowCount), inFlight = settings.More.TryGetValue("inflight", out string? wanted) ? int.Parse(wanted, CultureInfo.InvariantCulture) : _batches ? BatchesInFlight : InFlight;
        await using var cluster = Cluster.Builder(TimeProvider.System, new Random(settings.Seed)).AddContactPoints(server).Build();
        await using var session = await cluster.ConnectAsync(cancel);
        try
        {
            var insert = await PrepareAsync(session, keyspace, cancel);
            double best = 0, cpu = double.MaxValue, memory = double.MaxValue;
            for (int turn = -WarmUps; turn < settings.Turns; turn++)
            {
                var before = Environment.CpuUsage.TotalTime;
                long allocated = GC.GetTotalAllocatedBytes(), start = Stopwatch.GetTimestamp();
                await session.ExecuteAllAsync(_batches ? Batches(insert, rows, turn) : Singles(insert, rows, turn), inFlight, cancel);
                double rate = rows / Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (turn < 0) continue;
                best = Math.Max(best, rate);
                cpu = Math.Min(cpu, (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / rows);
                memory = Math.Min(memory, (double)(GC.GetTotalAllocatedBytes() - allocated) / rows);
            }
            await CheckAsync(session, keyspace, rows * (settings.Turns + WarmUps), cancel);
            return new BenchFigure(best)
            {
                Measures = [new("our CPU", cpu, "µs/row", Bar.Most(15)), new("memory taken", memory, "B/row")],
                Settings = new Dictionary<string, object>
                {
                    ["rows"] = rows, ["columns"] = 4 + Doubles, ["in flight"] = $"{inFlight} {(_batches ? "batches" : "statements")}", ["protocol"] = cluster.ProtocolVersion.ToString(),
                    ["server"] = $"Cassandra {cluster.AllHosts()[0].CassandraVersion}, one node on the same machine", ["turns"] = $"best of {settings.Turns} after {WarmUps} to warm up, each of new rows",
                },
            };
        }
        finally { await session.ExecuteAsync(new SimpleStatement($"DROP KEYSPACE IF EXISTS {keyspace}"), CancellationToken.None); }
    }

    private static async Task<PreparedStatement> PrepareAsync(ISession session, string keyspace, CancellationToken cancel)
    {
        string[] doubles = [.. Enumerable.Range(1, Doubles).Select(i => $"value_{i}")];
        await session.ExecuteAsync(new SimpleStatement($"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"), cancel);
        await session.ExecuteAsync(new SimpleStatement($"CREATE TABLE {keyspace}.hourly (key text, month date, hour timestamp, count bigint, {string.Join(", ", doubles.Select(name => $"{name} double"))}, PRIMARY KEY ((key, month), hour))"), cancel);
        string marks = string.Join(", ", Enumerable.Repeat("?", 4 + Doubles));
        return (await session.PrepareAsync($"INSERT INTO {keyspace}.hourly (key, month, hour, count, {string.Join(", ", doubles)}) VALUES ({marks}) USING TIMESTAMP ?", cancel)).SetIdempotence(true);
    }

    // Day by day, each day of all keys, as a backfill writes them: neighbours in time are of different partitions.
    private static IEnumerable<int> RowsInOrder(int rows)
    {
        int keys = (rows + HoursPerMonth - 1) / HoursPerMonth;
        for (int day = 0; day < HoursPerMonth / HoursPerDay; day++)
            for (int key = 0; key < keys; key++)
                for (int hour = 0; hour < HoursPerDay; hour++)
                    if (key * HoursPerMonth + day * HoursPerDay + hour is var row && row < rows) yield return row;
    }

    private static IEnumerable<Statement> Singles(PreparedStatement insert, int rows, int turn)
    {
        foreach (int row in RowsInOrder(rows)) yield return insert.Bind((row, turn), Write);
    }

    private static IEnumerable<Statement> Batches(PreparedStatement insert, int rows, int turn)
    {
        var batch = new BatchStatement();
        foreach (int row in RowsInOrder(rows))
        {
            batch.Add(insert, (row, turn), Write);
            if (row % HoursPerDay != HoursPerDay - 1 && row + 1 < rows) continue;
            yield return batch;
            batch.Clear();
        }
    }

    private static void Write(ValueWriter values, (int Row, int Turn) at)
    {
        Span<byte> key = stackalloc byte[] { (byte)'t', (byte)'r', (byte)'u', (byte)'c', (byte)'k', (byte)'-', 0, 0, 0, 0, 0, 0 };
        ((at.Turn + WarmUps) * KeysPerTurn + at.Row / HoursPerMonth).TryFormat(key[6..], out _, "000000", CultureInfo.InvariantCulture); // new rows each turn
        values.Utf8(key);
        values.DateDays(20_513);
        values.TimestampMillis(FirstHour + at.Row % HoursPerMonth * MillisPerHour);
        values.BigInt(at.Row);
        for (int i = 0; i < Doubles; i++) values.Double(at.Row * 0.25 + i + at.Turn);
        values.BigInt(1_700_000_000_000_000 + at.Turn);
    }

    // What was answered is there.
    private static async Task CheckAsync(ISession session, string keyspace, int rows, CancellationToken cancel)
    {
        int found = 0;
        await foreach (var _ in (await session.ExecuteAsync(new SimpleStatement($"SELECT key FROM {keyspace}.hourly"), cancel)).WithCancellation(cancel)) found++;
        if (found != rows) throw new InvalidOperationException($"found {found} rows in Cassandra, expected {rows}");
    }
}

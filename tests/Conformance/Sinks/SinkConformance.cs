using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Sinks;

namespace Etl.Tests.Conformance.Sinks;

/// <summary>What every sink does alike. A back end says how it is opened; the tests are here and in the other parts of this class.</summary>
public abstract partial class SinkConformance : IAsyncLifetime
{
    protected static readonly DateTimeOffset Start = new(2026, 3, 1, 7, 0, 0, TimeSpan.Zero);
    protected static readonly Window Hour = WindowCalendar.Of("UTC").HourOf(Start);

    /// <summary>Trucks by the hour, as the product publishes them.</summary>
    protected static readonly ResultTable Trucks = Table("truck_hourly", ["hour", "truck_id"],
        Field("hour", ColumnKind.Timestamp), Field("truck_id", ColumnKind.Text), Field("count", ColumnKind.Int64), Field("speed", ColumnKind.Double));

    private ISink _sink = null!;

    protected ISink Sink => _sink;

    /// <summary>Makes an empty database of the test's own, or skips with the reason.</summary>
    protected abstract Task CreateAsync();

    protected abstract Task DropAsync();

    /// <summary>Opens another sink on the test's database.</summary>
    protected abstract ISink Open();

    /// <summary>Runs SQL behind the sink's back.</summary>
    protected abstract Task ExecuteAsync(string sql);

    /// <summary>Rounds in which two sinks change the schema at once.</summary>
    protected virtual int SchemaRounds => 10;

    /// <summary>Makes a table truck_hourly that etl did not make.</summary>
    protected virtual string ForeignTable => "CREATE TABLE truck_hourly (hour VARCHAR(30), truck_id VARCHAR(30))";

    /// <summary>Makes a view truck_hourly; null where there are none.</summary>
    protected virtual string? ForeignView => "CREATE VIEW truck_hourly AS SELECT 1 AS hour";

    public async ValueTask InitializeAsync()
    {
        await CreateAsync();
        _sink = Open();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_sink is not null) await _sink.DisposeAsync();
        await DropAsync();
    }

    protected static ColumnField Field(string name, ColumnKind kind) => new(name, ColumnType.Of(kind), true);

    protected static ResultTable Table(string name, string[] key, params ColumnField[] columns) => new(name, key[0], columns, key);

    protected static object?[] Truck(string id, long count, double? speed = 80) => [Start, id, count, speed];

    protected static ColumnBatch Keys(params string[] ids) => Batches.Of([Trucks.Columns[0], Trucks.Columns[1]], ids.Select(id => new object?[] { Start, id }));

    protected Task<ReplaceOutcome> PublishAsync(long version, params object?[][] rows) => PublishAsync(_sink, Trucks, version, rows, null);

    protected static async Task<ReplaceOutcome> PublishAsync(ISink sink, ResultTable table, long version, IEnumerable<object?[]> rows, ColumnBatch? vanished, Window? window = null)
    {
        using var batch = Batches.Of(table.Columns, rows);
        (await sink.PrepareAsync(table, CancellationToken.None)).ShouldBeNull();
        return await sink.ReplaceAsync(table, window ?? Hour, version, batch, vanished, CancellationToken.None);
    }

    private Task<IReadOnlyList<object?[]>> ReadAsync(ResultTable? table = null, Window? window = null) => _sink.ReadAsync(table ?? Trucks, window ?? Hour, CancellationToken.None);

    protected async Task ShouldHoldAsync(params object?[][] rows) => (await ReadAsync()).ShouldBe(rows, new SameValues());

    protected Task<long?> VersionAsync() => _sink.VersionAsync(Trucks.Name, Hour, CancellationToken.None);

    private sealed class SameValues : IEqualityComparer<object?[]>
    {
        public bool Equals(object?[]? a, object?[]? b) => a!.SequenceEqual(b!);

        public int GetHashCode(object?[] row) => row.Length;
    }
}

using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake;
using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Lake;

/// <summary>A lake in a folder of its own, over a store in memory.</summary>
public sealed class LakeRoom : IDisposable
{
    public LakeRoom()
    {
        Options = new() { Folder = Directory.CreateTempSubdirectory("etl-lake-").FullName, MemoryMegabytes = 256 };
        Database = new(ParquetLake.DatabaseOptions(Options));
        Lake = new(Store, Database, Options);
    }

    public MemoryStore Store { get; } = new();

    public LakeOptions Options { get; }

    public DuckDatabase Database { get; }

    public ParquetLake Lake { get; }

    public static Window Hour(int hour) => new(Grain.Hour, new DateTimeOffset(2026, 3, 1, hour, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 3, 1, hour, 0, 0, TimeSpan.Zero).AddHours(1));

    public static TruckRow Row(string truck, long sequence, string time, double speed = 80, double fuel = 1, int partition = 0, long? offset = null) =>
        new(truck, sequence, DateTimeOffset.Parse($"2026-03-01T{time}Z", System.Globalization.CultureInfo.InvariantCulture), speed, fuel, partition, offset ?? sequence);

    /// <returns>The commit's number.</returns>
    public async Task<long> LandAsync(params TruckRow[] rows)
    {
        long token = await Store.OpenWriterAsync("lander", TimeSpan.FromMinutes(1), default);
        var (batch, windows, offsets) = TruckRows.Batch(rows);
        using (batch)
        {
            var file = await Lake.WriteEventsAsync(TruckRows.Schema, batch, windows, offsets, token, default);
            bool first = (await Store.SchemasAsync(TruckRows.Dataset, default)).Count == 0;
            return await CommitAsync(new()
            {
                Kind = CommitKind.Land, Token = token, Added = [file], Schemas = first ? [TruckRows.Schema] : [],
                Changed = [.. windows.Select(window => new WindowChange(TruckRows.Dataset, window.Start))],
            });
        }
    }

    /// <returns>The commit's number.</returns>
    public async Task<long> BuildAsync(string dataset, Window window, string sql, IReadOnlyList<string> key, params LakeInput[] inputs)
    {
        long token = await Store.OpenWriterAsync("builder", TimeSpan.FromMinutes(1), default);
        await using var snapshot = await Lake.OpenAsync(inputs, window, Store.Head, default);
        using var result = await snapshot.QueryAsync(sql, key, default);
        return await CommitAsync(await Lake.WriteResultAsync(dataset, result, token, default));
    }

    public async Task<long> CommitAsync(PendingCommit commit) =>
        (await Store.CommitAsync([commit], default))[0].ShouldBeOfType<CommitOutcome.Committed>().Number;

    /// <summary>Rows of SQL over the trucks of an hour, as text: values by comma, rows by semicolon.</summary>
    public async Task<string> AskAsync(Window window, string sql, long? asOf = null)
    {
        await using var snapshot = await Lake.OpenAsync([TruckRows.Input], window, asOf ?? Store.Head, default);
        using var rows = await snapshot.RowsAsync(sql, 1_000, default);
        return Text(rows);
    }

    public static string Text(Etl.Codecs.Columns.ColumnBatch rows) => string.Join("; ", Enumerable.Range(0, rows.RowCount).Select(row =>
        string.Join(",", Enumerable.Range(0, rows.Fields.Count).Select(column => rows.GetValue(column, row) switch
        {
            null => "null",
            DateTimeOffset instant => instant.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture),
            DateOnly day => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            byte[] bytes => $"{bytes.Length}B",
            IFormattable value => value.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
            var other => other.ToString(),
        }))));

    public void Dispose()
    {
        Database.Dispose();
        Directory.Delete(Options.Folder, recursive: true);
    }
}

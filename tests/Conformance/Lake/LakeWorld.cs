using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake;
using Etl.Lake.DuckDb;
using Etl.Metadata;
using Etl.Tests.Unit.Lake;

namespace Etl.Tests.Conformance.Lake;

/// <summary>A lake on a real store: a lander, builds of hours and days, and what a restart does.</summary>
public sealed class LakeWorld : IAsyncDisposable
{
    public const string Hourly = """
        select truck_id, count(*) as records, exact_sum(engine_speed) as speed, exact_corr(engine_speed, fuel_consumed) as r,
            exact_state(engine_speed) as speed_state, exact_state(engine_speed, fuel_consumed) as r_state
        from truck_data group by truck_id
        """;

    public const string Daily = """
        select truck_id, sum(records)::bigint as records, exact_sum(speed_state) as speed, exact_corr(r_state) as r from truck_hourly group by truck_id
        """;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    public LakeWorld(IMetadata store, string? folder = null, LakeOptions? options = null)
    {
        Store = store;
        Options = (options ?? new LakeOptions { Folder = "", MemoryMegabytes = 256 }) with { Folder = folder ?? Directory.CreateTempSubdirectory("etl-lake-").FullName };
        Database = new(ParquetLake.DatabaseOptions(Options));
        Lake = new(store, Database, Options);
    }

    public IMetadata Store { get; }

    public LakeOptions Options { get; }

    public DuckDatabase Database { get; }

    public ParquetLake Lake { get; }

    /// <summary>Whether the folder is deleted at the end.</summary>
    public bool KeepFolder { get; set; }

    public Task<long> HeadAsync() => Store.Commits.HeadAsync(default);

    public Task<long> TokenAsync(string name = "test") => Store.Commits.OpenWriterAsync(name, Lease, default);

    public static Window Hour(DateTimeOffset start) => WindowCalendar.Of("UTC").HourOf(start);

    public static Window Day(int day) => WindowCalendar.Of("UTC").Day(new(2026, 3, day));

    /// <summary>Lands all that the log has, in batches of so many rows, written by so many threads at once and committed in order.</summary>
    /// <returns>Rows landed.</returns>
    public async Task<long> LandAsync(TruckLog log, int batchRows, int writers = 1)
    {
        long token = await TokenAsync("lander"), landed = 0;
        var next = (await Store.Catalog.TakeAsync(TruckLog.Topic, "id", [.. log.Partitions], token, default)).ToDictionary(one => one.Partition, one => one.Next);
        while (log.Partitions.Any(partition => next[partition] < log.End(partition)))
        {
            var batches = Enumerable.Range(0, writers).Select(_ => Take(log, next, batchRows)).Where(batch => batch.Rows.Count > 0).ToList();
            var files = await Task.WhenAll(batches.Select(batch => Task.Run(() => WriteAsync(batch.Rows, batch.Ranges, token))));
            foreach (var (batch, file) in batches.Zip(files))
            {
                landed += file.Rows;
                await CommitAsync(await LandingAsync(file, batch, token));
            }
        }
        await Store.Commits.CloseWriterAsync(token, default);
        return landed;
    }

    public async Task<NewFile> WriteAsync(IReadOnlyList<TruckRow> rows, IReadOnlyList<OffsetRange> ranges, long token)
    {
        var (batch, windows, offsets) = TruckRows.Batch(rows);
        using (batch) return await Lake.WriteEventsAsync(TruckRows.Schema, batch, windows, ranges.Count > 0 ? ranges : offsets, token, default);
    }

    /// <summary>Builds every hour that has rows, then its days.</summary>
    /// <returns>The checksums, hours first.</returns>
    public async Task<IReadOnlyList<string>> BuildAllAsync()
    {
        var checksums = new List<string>();
        var (from, to) = (Day(1).Start, Day(3).Start);
        var hours = (await Store.Catalog.RowsAsync(TruckRows.Dataset, from, to, await HeadAsync(), default)).Select(hour => hour.Start).ToList();
        foreach (var hour in hours) checksums.Add(await BuildAsync("truck_hourly", Hour(hour), Hourly, TruckRows.Input));
        foreach (int day in hours.Select(hour => hour.Day).Distinct()) checksums.Add(await BuildAsync("truck_daily", Day(day), Daily, LakeInput.Results("truck_hourly")));
        return checksums;
    }

    /// <summary>Builds a window, and commits unless the rows are those that are there.</summary>
    /// <returns>The checksum.</returns>
    public async Task<string> BuildAsync(string dataset, Window window, string sql, params LakeInput[] inputs)
    {
        long token = await TokenAsync("builder");
        await using var snapshot = await Lake.OpenAsync(inputs, window, await HeadAsync(), default);
        using var result = await snapshot.QueryAsync(sql, ["truck_id"], default);
        await CommitAsync(await Lake.WriteResultAsync(dataset, result, token, default));
        await Store.Commits.CloseWriterAsync(token, default);
        return result.Checksum;
    }

    /// <returns>The commit's number.</returns>
    public async Task<long> CommitAsync(PendingCommit commit) =>
        (await Store.Commits.CommitAsync([commit], default))[0].ShouldBeOfType<CommitOutcome.Committed>().Number;

    /// <summary>What a process does at its start when it alone holds the store.</summary>
    public Task<IReadOnlyList<string>> SweepAsync(bool evenLive = true) => new Sweep(Lake).RunAsync(evenLive, default);

    public async Task<CompactionReport> CompactAsync()
    {
        long token = await TokenAsync("compaction");
        var report = await new Compaction(Lake, new(Store.Commits)).RunAsync(TruckRows.Input, token, default);
        await Store.Commits.CloseWriterAsync(token, default);
        return report;
    }

    public Task<(int Files, long Bytes)> VacuumAsync() => new Vacuum(Store, Lake.Files, Options with { RetiredFor = TimeSpan.Zero }).RunAsync(default);

    public async Task<IReadOnlyList<string>> FindingsAsync() => [.. (await new Verify(Lake).RunAsync([TruckRows.Input], readRows: true, default)).Findings.Select(finding => finding.ToString())];

    /// <summary>Paths on disk that the store does not list, live or retired.</summary>
    public async Task<IReadOnlyList<string>> OrphansAsync()
    {
        var all = Lake.Files.All();
        var listed = await Store.Catalog.ListedAsync([.. all], default);
        return [.. all.Where(path => !listed.Contains(path))];
    }

    public async Task<long> CountAsync(Window window, long? asOf = null)
    {
        await using var snapshot = await Lake.OpenAsync([TruckRows.Input], window, asOf ?? await HeadAsync(), default);
        using var rows = await snapshot.RowsAsync("select count(*) from truck_data", 1, default);
        return rows.Get<long>(0, 0);
    }

    public async ValueTask DisposeAsync()
    {
        Database.Dispose();
        await Store.DisposeAsync();
        if (!KeepFolder) Directory.Delete(Options.Folder, recursive: true);
    }

    private static (IReadOnlyList<TruckRow> Rows, IReadOnlyList<OffsetRange> Ranges) Take(TruckLog log, Dictionary<int, long> next, int rowsMax)
    {
        var rows = new List<TruckRow>();
        var ranges = new List<OffsetRange>();
        foreach (int partition in log.Partitions)
        {
            long from = next[partition], to = Math.Min(log.End(partition), from + rowsMax - rows.Count);
            if (to <= from) continue;
            rows.AddRange(log.Read(partition, from, to));
            ranges.Add(new(TruckLog.Topic, 1, partition, from, to));
            next[partition] = to;
        }
        return (rows, ranges);
    }

    private async Task<PendingCommit> LandingAsync(NewFile file, (IReadOnlyList<TruckRow> Rows, IReadOnlyList<OffsetRange> Ranges) batch, long token) => new()
    {
        Kind = CommitKind.Land,
        Token = token,
        Added = [file],
        Progress = [.. batch.Ranges.Select(range => new ProgressMove(range, range.To - range.From, 0, $"hash {range.To}"))],
        Changed = [.. file.Windows.Select(window => new WindowChange(TruckRows.Dataset, window.Start))],
        Schemas = (await Store.Catalog.SchemasAsync(TruckRows.Dataset, default)).Count == 0 ? [TruckRows.Schema] : [],
        Note = $"{batch.Rows.Count} rows",
    };
}

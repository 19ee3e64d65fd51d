using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>Puts one file in place of an exact set of small ones of a dataset of events, with the same rows. (A result has one file for each window: there is nothing to join.)</summary>
public sealed class Compaction(ParquetLake lake, Committer committer)
{
    /// <summary>Most files that become one.</summary>
    private const int FilesMax = 1_000;

    /// <summary>Joins small files until none is left to join with another.</summary>
    /// <param name="events">The dataset, with its time.</param>
    /// <param name="token">The caller's writer's token.</param>
    /// <exception cref="StoreException">The disk or the store refused. What was joined so far stays so.</exception>
    public async Task<CompactionReport> RunAsync(LakeInput events, long token, CancellationToken cancel)
    {
        if (events.Kind != DatasetKind.Events) throw new ArgumentException($"{events.Dataset} holds results: one file a window, nothing to compact", nameof(events));
        var report = new CompactionReport(0, 0, 0, []);
        foreach (var group in await PlanAsync(events.Dataset, cancel))
        {
            var commit = await WriteAsync(events, group, token, cancel);
            if (await committer.CommitAsync(commit, cancel) is CommitOutcome.Refused refused)
            {
                lake.Files.Delete(commit.Added[0].Path); // refused for good, so nobody will ever list it
                report = report with { Refused = [.. report.Refused, refused.Reason] };
                continue;
            }
            CrashPoints.Reached(CrashPoint.Compacted);
            report = report with { FilesBefore = report.FilesBefore + group.Count, FilesAfter = report.FilesAfter + 1, Rows = report.Rows + commit.Added[0].Rows };
        }
        return report;
    }

    /// <summary>Sets of two or more small files, each of one schema version, one generation of the topic and one month.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<LakeFile>>> PlanAsync(string dataset, CancellationToken cancel)
    {
        var live = await lake.Store.Catalog.FilesAsync(dataset, await lake.Store.Commits.HeadAsync(cancel), cancel);
        return Plan(live, lake.Options.SmallFileRows, lake.Options.RowsPerFile);
    }

    internal static IReadOnlyList<IReadOnlyList<LakeFile>> Plan(IReadOnlyList<LakeFile> live, int smallRows, int rowsMax)
    {
        var groups = new List<IReadOnlyList<LakeFile>>();
        foreach (var alike in live.Where(file => file.Rows < smallRows)
            .GroupBy(file => (file.SchemaVersion, Generation: DatasetView.GenerationOf(file), Folder: file.Path[..file.Path.LastIndexOf('/')])))
        {
            var group = new List<LakeFile>();
            foreach (var file in alike.OrderBy(file => file.AddedIn).ThenBy(file => file.Path, StringComparer.Ordinal))
            {
                if (group.Count == FilesMax || group.Sum(other => other.Rows) + file.Rows > rowsMax) Close(group);
                group.Add(file);
            }
            Close(group);
        }
        return groups;

        void Close(List<LakeFile> group)
        {
            if (group.Count > 1) groups.Add([.. group]);
            group.Clear();
        }
    }

    private async Task<PendingCommit> WriteAsync(LakeInput events, IReadOnlyList<LakeFile> group, long token, CancellationToken cancel)
    {
        var schemas = await lake.Store.Catalog.SchemasAsync(events.Dataset, cancel);
        var schema = schemas.Single(known => known.Version == group[0].SchemaVersion);
        string[] paths = [.. group.Select(file => file.Path)];
        var footers = await Task.Run(() => Footers(paths, cancel), cancel);
        var footer = new LakeFooter
        {
            Schema = schema,
            Windows = [.. footers.SelectMany(one => one.Windows).GroupBy(window => window.Start).OrderBy(hour => hour.Key).Select(hour => new WindowRows(hour.Key, hour.Sum(window => window.Rows)))],
            Offsets = OffsetRanges.Join(group.SelectMany(file => file.Offsets)),
            Replaces = paths,
        };
        string time = new DatasetView(events.Dataset, DatasetKind.Events, schemas).TimeIn(schema.Version, events.Time);
        string select = $"FROM read_parquet([{string.Join(", ", paths.Select(path => Sql.Text(lake.Files.FullPath(path))))}], hive_partitioning = false, union_by_name = false) ORDER BY date_trunc('hour', {time}), _partition, _offset";
        var added = await lake.Writer.WriteAsync(footer, select, token, cancel);
        return new() { Kind = CommitKind.Compact, Token = token, Added = [added], Retired = paths, Note = $"{events.Dataset}: {group.Count} files became one, {added.Rows} rows" };
    }

    private IReadOnlyList<LakeFooter> Footers(IReadOnlyList<string> paths, CancellationToken cancel)
    {
        using var connection = lake.Database.Connect();
        return [.. paths.Select(path => FooterReader.Read(connection, lake.Files.FullPath(path), cancel).Footer
            ?? throw new StoreException($"{lake.Files.FullPath(path)}: the footer has no key \"{LakeFooter.Key}\"; the file is not ours or is damaged: see etl lake verify", isTransient: false))];
    }
}

/// <param name="Refused">Why sets were left as they are: another writer had retired some file meanwhile.</param>
public sealed record CompactionReport(int FilesBefore, int FilesAfter, long Rows, IReadOnlyList<string> Refused);

using System.Globalization;
using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>Rebuilds the manifest from the footers of the files on disk, when the store was lost. Files that the store lists already are left alone, so it may be run again.</summary>
/// <remarks>Slots and what sinks hold are not in the lake: afterwards results count as built, and publishes run again.</remarks>
public sealed class Adopt(ParquetLake lake, Committer committer)
{
    /// <param name="token">The caller's writer's token.</param>
    /// <param name="topicIds">Ids of topics as the broker has them now, by name; positions of a topic that is not among them are kept under the id "".</param>
    /// <exception cref="StoreException">The store refused, or a disk is away.</exception>
    public async Task<AdoptReport> RunAsync(long token, IReadOnlyDictionary<string, string> topicIds, CancellationToken cancel)
    {
        var leftOut = new List<(string Path, string Reason)>();
        var found = await FindAsync(leftOut, cancel);
        var choice = AdoptChoice.Of(found);
        leftOut.AddRange(choice.LeftOut);
        foreach (var dataset in choice.Taken.GroupBy(file => file.Footer.Schema.Dataset, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            await CommitAsync([.. dataset], token, topicIds, cancel);
        return new(choice.Taken.Count, choice.Taken.Sum(file => file.Footer.Rows), leftOut, choice.Uncovered);
    }

    // Files that the store lists are part of the choice: what it shows already must not be adopted a second time.
    private async Task<IReadOnlyList<FoundFile>> FindAsync(List<(string, string)> leftOut, CancellationToken cancel)
    {
        string[] paths = [.. lake.Files.All().Where(path => !LakeFiles.IsTemporary(path))];
        var listed = await lake.Store.Catalog.ListedAsync(paths, cancel);
        var live = new HashSet<string>(StringComparer.Ordinal);
        long head = await lake.Store.Commits.HeadAsync(cancel);
        foreach (string dataset in await lake.Store.Catalog.DatasetsAsync(cancel))
            live.UnionWith((await lake.Store.Catalog.FilesAsync(dataset, head, cancel)).Select(file => file.Path));
        return await Task.Run(() => Read(paths.Where(path => live.Contains(path) || !listed.Contains(path)), live, leftOut, cancel), cancel);
    }

    private List<FoundFile> Read(IEnumerable<string> paths, HashSet<string> live, List<(string, string)> leftOut, CancellationToken cancel)
    {
        using var connection = lake.Database.Connect();
        var found = new List<FoundFile>();
        foreach (string path in paths)
        {
            try
            {
                var (rows, footer) = FooterReader.Read(connection, lake.Files.FullPath(path), cancel);
                if (footer is null) leftOut.Add((path, "the footer has no part of ours"));
                else if (footer.Rows != rows) leftOut.Add((path, $"holds {rows} rows, its footer names {footer.Rows}"));
                else found.Add(new(path, footer, live.Contains(path)));
            }
            catch (StoreException error) { leftOut.Add((path, error.Message)); }
        }
        return found;
    }

    private async Task CommitAsync(IReadOnlyList<FoundFile> files, long token, IReadOnlyDictionary<string, string> topicIds, CancellationToken cancel)
    {
        string dataset = files[0].Footer.Schema.Dataset;
        var known = (await lake.Store.Catalog.SchemasAsync(dataset, cancel)).Select(schema => schema.Version).ToHashSet();
        var progress = new List<ProgressMove>();
        foreach (var topic in files.SelectMany(file => file.Footer.Offsets).GroupBy(range => range.Topic, StringComparer.Ordinal))
            progress.AddRange(await MovesAsync(topic.Key, [.. topic], files, token, topicIds.GetValueOrDefault(topic.Key, ""), cancel));
        var commit = new PendingCommit
        {
            Kind = CommitKind.Adopt,
            Token = token,
            Added = [.. files.Select(file => new NewFile(dataset, file.Path, file.Footer.Rows, new FileInfo(lake.Files.FullPath(file.Path)).Length, file.Footer.Schema.Version, file.Footer.Windows, file.Footer.Offsets))],
            Schemas = [.. files.Select(file => file.Footer.Schema).DistinctBy(schema => schema.Version).Where(schema => !known.Contains(schema.Version)).OrderBy(schema => schema.Version)],
            Changed = [.. files.SelectMany(file => file.Footer.Windows).Select(window => window.Start).Distinct().Order().Select(start => new WindowChange(dataset, start))],
            Progress = progress,
            Note = $"{dataset}: adopted {files.Count} files",
        };
        if (await committer.CommitAsync(commit, cancel) is CommitOutcome.Refused refused)
            throw new StoreException($"adopting {dataset} was refused: {refused.Reason}. Mend: stop other writers, then run it again", isTransient: true);
    }

    private async Task<IReadOnlyList<ProgressMove>> MovesAsync(string topic, IReadOnlyList<OffsetRange> ranges, IReadOnlyList<FoundFile> files, long token, string topicId, CancellationToken cancel)
    {
        int generation = ranges.Max(range => range.Generation);
        var newest = ranges.Where(range => range.Generation == generation).ToList();
        int[] partitions = [.. newest.Select(range => range.Partition).Distinct().Order()];
        var stands = await lake.Store.Catalog.TakeAsync(topic, topicId, partitions, token, cancel);
        while (stands.Count > 0 && stands.Max(one => one.Generation) < generation)
        {
            await lake.Store.Catalog.AcceptResetAsync(topic, topicId, partitions.ToDictionary(partition => partition, _ => 0L), cancel);
            stands = await lake.Store.Catalog.TakeAsync(topic, topicId, partitions, token, cancel);
        }
        string[] paths = [.. files.Where(file => file.Footer.Offsets.Any(range => range.Topic == topic && range.Generation == generation)).Select(file => file.Path)];
        var landed = await Task.Run(() => RowsByPartition(paths, cancel), cancel);
        return
        [
            .. from one in stands
               let end = newest.Where(range => range.Partition == one.Partition).Select(range => range.To).DefaultIfEmpty(0).Max()
               where one.Generation == generation && end > one.Next
               select new ProgressMove(new(topic, generation, one.Partition, one.Next, end), landed.GetValueOrDefault(one.Partition), 0, ""),
        ];
    }

    private Dictionary<int, long> RowsByPartition(IReadOnlyList<string> paths, CancellationToken cancel)
    {
        using var connection = lake.Database.Connect();
        using var rows = connection.Fetch($"SELECT CAST(_partition AS INTEGER), count(*) FROM read_parquet([{string.Join(", ", paths.Select(path => Sql.Text(lake.Files.FullPath(path))))}], hive_partitioning = false, union_by_name = true) GROUP BY ALL", cancel: cancel);
        return Enumerable.Range(0, rows.RowCount).ToDictionary(row => rows.Get<int>(0, row), row => rows.Get<long>(1, row));
    }
}

/// <param name="LeftOut">Files that stay unlisted, each with the reason: replaced by a compacted one, an older version of a window, written but never committed, damaged.</param>
/// <param name="Uncovered">Offsets that lie in files left out alone: rows that are not visible. Usually none.</param>
public sealed record AdoptReport(int Files, long Rows, IReadOnlyList<(string Path, string Reason)> LeftOut, IReadOnlyList<OffsetRange> Uncovered)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Files} files with {Rows} rows adopted, {LeftOut.Count} left out");
}

using Etl.Contracts.Commits;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>Compares the manifest with the files, and the files' offsets with progress: what was read is in the lake, once.</summary>
public sealed class Verify(ParquetLake lake)
{
    private const int TurnsMax = 5;

    /// <param name="known">Datasets whose time the DAGs declare: the hours of their rows are compared too.</param>
    /// <param name="readRows">Reads every row; else footers alone (some milliseconds a file).</param>
    public async Task<VerifyReport> RunAsync(IReadOnlyList<LakeInput> known, bool readRows, CancellationToken cancel)
    {
        var findings = new List<LakeFinding>();
        var moving = new List<string>();
        int count = 0;
        long head = await lake.Store.Commits.HeadAsync(cancel), rows = 0;
        foreach (string dataset in await lake.Store.Catalog.DatasetsAsync(cancel))
        {
            var schemas = await lake.Store.Catalog.SchemasAsync(dataset, cancel);
            var live = await lake.Store.Catalog.FilesAsync(dataset, head, cancel);
            count += live.Count;
            rows += live.Sum(file => file.Rows);
            if (schemas.Count == 0 || live.Count == 0) continue;
            var windows = await Task.Run(() => Files(live, LakeSql.InputOf(dataset, schemas, known), schemas, readRows, findings, cancel), cancel);
            findings.AddRange(await WindowsAsync(dataset, windows, head, cancel));
            findings.AddRange(Overlaps(dataset, live));
            foreach (string topic in live.SelectMany(file => file.Offsets).Select(range => range.Topic).Distinct(StringComparer.Ordinal))
                findings.AddRange(await ProgressAsync(dataset, topic, moving, cancel));
        }
        return new(head, count, rows, findings, moving);
    }

    // Returns the rows by window as the readable files' footers name them.
    private List<WindowRows> Files(IReadOnlyList<LakeFile> live, LakeInput input, IReadOnlyList<DatasetSchema> schemas, bool readRows, List<LakeFinding> findings, CancellationToken cancel)
    {
        using var connection = lake.Database.Connect();
        var windows = new List<WindowRows>();
        var view = new DatasetView(input.Dataset, input.Kind, schemas);
        foreach (var file in live)
        {
            var check = new FileCheck(connection, file, lake.Files.FullPath(file.Path));
            findings.AddRange(check.Footer(cancel));
            windows.AddRange(check.Windows);
            if (readRows && check.IsReadable) findings.AddRange(check.Rows(input, input.Time.Length > 0 ? view.TimeIn(file.SchemaVersion, input.Time) : "", cancel));
        }
        return windows;
    }

    // The manifest finds files by window: a window it does not know of is a window that nobody reads.
    private async Task<IReadOnlyList<LakeFinding>> WindowsAsync(string dataset, IReadOnlyList<WindowRows> footers, long asOf, CancellationToken cancel)
    {
        if (footers.Count == 0) return [];
        var listed = (await lake.Store.Catalog.RowsAsync(dataset, footers.Min(window => window.Start), footers.Max(window => window.Start).AddTicks(10), asOf, cancel)).ToDictionary(window => window.Start, window => window.Rows);
        return
        [
            .. footers.GroupBy(window => window.Start).Select(hour => new WindowRows(hour.Key, hour.Sum(window => window.Rows)))
                .Where(hour => listed.GetValueOrDefault(hour.Start) != hour.Rows).OrderBy(hour => hour.Start)
                .Select(hour => new LakeFinding(FindingKind.WrongWindows, dataset, "", FormattableString.Invariant($"the files' footers name {hour.Rows} rows of {hour.Start.UtcDateTime:yyyy-MM-dd'T'HH:mm'Z'}, the manifest {listed.GetValueOrDefault(hour.Start)}"))),
        ];
    }

    internal static IEnumerable<LakeFinding> Overlaps(string dataset, IReadOnlyList<LakeFile> live)
    {
        var all = live.SelectMany(file => file.Offsets.Select(range => (Range: range, file.Path)))
            .OrderBy(one => one.Range.Topic, StringComparer.Ordinal).ThenBy(one => one.Range.Generation).ThenBy(one => one.Range.Partition).ThenBy(one => one.Range.From).ToList();
        for (int i = 1, widest = 0; i < all.Count; i++)
        {
            if (OffsetRanges.Overlap(all[widest].Range, all[i].Range))
                yield return new(FindingKind.OffsetOverlap, dataset, all[i].Path, $"{OffsetRanges.Text(all[i].Range)} is in {all[widest].Path} too, which holds {OffsetRanges.Text(all[widest].Range)}");
            if (!OffsetRanges.IsSamePartition(all[widest].Range, all[i].Range) || all[i].Range.To > all[widest].Range.To) widest = i;
        }
    }

    // Landing may go on meanwhile: progress is read before and after the files, and they are compared only if it stood still.
    private async Task<IReadOnlyList<LakeFinding>> ProgressAsync(string dataset, string topic, List<string> moving, CancellationToken cancel)
    {
        for (int turn = 0; turn < TurnsMax; turn++)
        {
            var before = await lake.Store.Catalog.ProgressAsync(topic, cancel);
            var live = await lake.Store.Catalog.FilesAsync(dataset, await lake.Store.Commits.HeadAsync(cancel), cancel);
            if (before.SequenceEqual(await lake.Store.Catalog.ProgressAsync(topic, cancel))) return [.. Compare(dataset, topic, live, before)];
        }
        moving.Add(topic);
        return [];
    }

    internal static IEnumerable<LakeFinding> Compare(string dataset, string topic, IReadOnlyList<LakeFile> live, IReadOnlyList<PartitionProgress> progress)
    {
        if (progress.Count == 0) yield break;
        int generation = progress.Max(one => one.Generation);
        var files = live.Where(file => file.Offsets.Any(range => range.Topic == topic && range.Generation == generation)).ToList();
        var ranges = OffsetRanges.Join(files.SelectMany(file => file.Offsets));
        foreach (var partition in progress)
            foreach (var past in ranges.Where(range => range.Topic == topic && range.Generation == generation && range.Partition == partition.Partition && range.To > partition.Next))
                yield return new(FindingKind.ProgressMismatch, dataset, "", $"{OffsetRanges.Text(past)} lies in files; progress stands at {partition.Next}");
        long landed = progress.Sum(one => one.Landed), found = files.Sum(file => file.Rows);
        if (landed == found) yield break;
        yield return new(FindingKind.ProgressMismatch, dataset, "", $"{topic} generation {generation}: files hold {found} rows, {landed} were landed");
        // A hole alone is no fault: records that were all rejected, or that the topic itself had compacted away, lie in no file.
        foreach (var partition in progress)
            foreach (var gap in Gaps(ranges.Where(range => range.Topic == topic && range.Generation == generation && range.Partition == partition.Partition), topic, generation, partition))
                yield return new(FindingKind.OffsetGap, dataset, "", $"{OffsetRanges.Text(gap)} lies in no file");
    }

    private static IEnumerable<OffsetRange> Gaps(IEnumerable<OffsetRange> ranges, string topic, int generation, PartitionProgress partition)
    {
        long next = 0;
        foreach (var range in ranges)
        {
            if (range.From > next) yield return new(topic, generation, partition.Partition, next, range.From);
            next = Math.Max(next, range.To);
        }
        if (partition.Next > next) yield return new(topic, generation, partition.Partition, next, partition.Next);
    }
}

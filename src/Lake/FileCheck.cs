using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>One live file against what the manifest says of it.</summary>
internal sealed class FileCheck(DuckConnection connection, LakeFile file, string fullPath)
{
    private LakeFooter? _footer;

    public bool IsReadable => _footer is not null;

    /// <summary>As the footer names them; empty when it cannot be read.</summary>
    public IReadOnlyList<WindowRows> Windows => _footer?.Windows ?? [];

    public IReadOnlyList<LakeFinding> Footer(CancellationToken cancel)
    {
        if (!File.Exists(fullPath)) return [Found(FindingKind.MissingFile, $"{fullPath} is not there")];
        var findings = new List<LakeFinding>();
        long bytes = new FileInfo(fullPath).Length;
        if (bytes != file.Bytes) findings.Add(Found(FindingKind.WrongSize, $"{bytes} bytes, {file.Bytes} are listed"));
        try
        {
            (long rows, _footer) = FooterReader.Read(connection, fullPath, cancel);
            if (rows != file.Rows) findings.Add(Found(FindingKind.WrongRows, $"{rows} rows, {file.Rows} are listed"));
        }
        catch (StoreException error) { return [.. findings, Found(FindingKind.UnreadableFile, error.Message)]; }
        if (_footer is null) return [.. findings, Found(FindingKind.WrongFooter, $"no key \"{LakeFooter.Key}\" in the footer")];
        if (_footer.Schema.Dataset != file.Dataset || _footer.Schema.Version != file.SchemaVersion)
            findings.Add(Found(FindingKind.WrongFooter, $"is of {_footer.Schema.Dataset} version {_footer.Schema.Version}; {file.Dataset} version {file.SchemaVersion} is listed"));
        if (_footer.Rows != file.Rows) findings.Add(Found(FindingKind.WrongWindows, $"the footer's windows hold {_footer.Rows} rows, {file.Rows} are listed"));
        if (!OffsetRanges.Join(_footer.Offsets).SequenceEqual(OffsetRanges.Join(file.Offsets)))
            findings.Add(Found(FindingKind.WrongOffsets, $"the footer names {Text(_footer.Offsets)}; {Text(file.Offsets)} are listed"));
        return findings;
    }

    /// <param name="time">The event time as SQL; "" when it is not known.</param>
    public IReadOnlyList<LakeFinding> Rows(LakeInput input, string time, CancellationToken cancel)
    {
        var findings = new List<LakeFinding>();
        string from = $"FROM read_parquet({Sql.Text(fullPath)}, hive_partitioning = false)";
        try
        {
            connection.Query($"SELECT * {from}", static _ => { }, cancel: cancel); // every page: a flipped byte inside breaks its checksum or its compression
            if (input.Kind == DatasetKind.Events) findings.AddRange(Offsets(from, cancel));
            if (time.Length > 0) findings.AddRange(Hours(from, time, cancel));
        }
        catch (DuckException error) { findings.Add(Found(FindingKind.UnreadableFile, error.Message)); }
        return findings;
    }

    private IEnumerable<LakeFinding> Offsets(string from, CancellationToken cancel)
    {
        using var found = connection.Fetch($"SELECT _partition, min(_offset), max(_offset) {from} GROUP BY ALL ORDER BY ALL", cancel: cancel);
        for (int row = 0; row < found.RowCount; row++)
        {
            var (partition, first, last) = (found.Get<int>(0, row), found.Get<long>(1, row), found.Get<long>(2, row));
            if (!file.Offsets.Any(range => range.Partition == partition && range.From <= first) || !file.Offsets.Any(range => range.Partition == partition && range.To > last))
                yield return Found(FindingKind.WrongOffsets, $"rows of partition {partition} have offsets {first} to {last}; {Text(file.Offsets)} are listed");
        }
    }

    private IEnumerable<LakeFinding> Hours(string from, string time, CancellationToken cancel)
    {
        using var found = connection.Fetch($"SELECT date_trunc('hour', {time}), count(*) {from} GROUP BY ALL ORDER BY ALL", cancel: cancel);
        var hours = Enumerable.Range(0, found.RowCount).Select(row => new WindowRows(Micros.ToInstant(found.Get<long>(0, row)), found.Get<long>(1, row))).ToList();
        if (hours.SequenceEqual(_footer!.Windows.OrderBy(window => window.Start))) return [];
        return [Found(FindingKind.WrongWindows, $"rows lie in {Text(hours)}; the footer names {Text(_footer.Windows)}")];
    }

    private LakeFinding Found(FindingKind kind, string detail) => new(kind, file.Dataset, file.Path, detail);

    private static string Text(IEnumerable<OffsetRange> ranges) => string.Join(", ", OffsetRanges.Join(ranges).Select(OffsetRanges.Text));

    private static string Text(IEnumerable<WindowRows> windows) => string.Join(", ", windows.Select(window => FormattableString.Invariant($"{window.Start.UtcDateTime:yyyy-MM-dd'T'HH'Z'}: {window.Rows}")));
}

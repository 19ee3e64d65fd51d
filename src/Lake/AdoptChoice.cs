using Etl.Contracts.Commits;

namespace Etl.Lake;

/// <param name="IsLive">The store lists it, and readers see it.</param>
internal sealed record FoundFile(string Path, LakeFooter Footer, bool IsLive);

/// <summary>Which of the files on disk make up the lake, when nothing but the files is left: each offset and each window once.</summary>
/// <remarks>
/// What a compacted file replaces goes, whether or not its commit was carried out: it holds the same rows. Of two landed files with the same offsets the
/// earlier writer's was never committed (a later writer reads again only what was not). Of a result's window the one read as of the highest commit stays.
/// </remarks>
internal sealed record AdoptChoice(IReadOnlyList<FoundFile> Taken, IReadOnlyList<(string Path, string Reason)> LeftOut, IReadOnlyList<OffsetRange> Uncovered)
{
    public static AdoptChoice Of(IReadOnlyList<FoundFile> found)
    {
        var chooser = new Chooser(found);
        foreach (var file in found.Where(file => file.IsLive)) chooser.Keep(file);
        foreach (var file in found.Where(file => !file.IsLive).OrderBy(file => file.Footer.Replaces.Count == 0).ThenByDescending(Width).ThenByDescending(file => file.Footer.AsOf).ThenByDescending(Name)) chooser.Offer(file);
        return chooser.End();
    }

    // Only compacted files are ordered by how much they hold: of two that share some sources the larger one is whole.
    private static long Width(FoundFile file) => file.Footer.Replaces.Count == 0 ? 0 : file.Footer.Offsets.Sum(range => range.To - range.From);

    private static (long, long) Name(FoundFile file) => LakeFiles.NameOf(file.Path) ?? default;

    private sealed class Chooser(IReadOnlyList<FoundFile> found)
    {
        private readonly HashSet<string> _replaced = [.. found.SelectMany(file => file.Footer.Replaces)];
        private readonly Dictionary<(string Dataset, string Topic, int Generation, int Partition), List<(OffsetRange Range, string Path)>> _ranges = [];
        private readonly Dictionary<(string Dataset, DateTimeOffset Start), string> _windows = [];
        private readonly Dictionary<(string Dataset, int Version), DatasetSchema> _schemas = [];
        private readonly List<FoundFile> _taken = [];
        private readonly List<(string, string)> _leftOut = [];

        public void Keep(FoundFile file)
        {
            var schema = file.Footer.Schema;
            _schemas.TryAdd((schema.Dataset, schema.Version), schema);
            foreach (var range in file.Footer.Offsets) At(file, range).Add((range, file.Path));
            if (file.Footer.Offsets.Count > 0) return;
            foreach (var window in file.Footer.Windows) _windows[(schema.Dataset, window.Start)] = file.Path;
        }

        public void Offer(FoundFile file)
        {
            if (Against(file) is { } reason)
            {
                _leftOut.Add((file.Path, reason));
                return;
            }
            Keep(file);
            _taken.Add(file);
        }

        public AdoptChoice End() => new([.. _taken.OrderBy(file => file.Path, StringComparer.Ordinal)], _leftOut, [.. found.GroupBy(file => file.Footer.Schema.Dataset).SelectMany(Uncovered)]);

        private string? Against(FoundFile file)
        {
            var schema = file.Footer.Schema;
            if (_replaced.Contains(file.Path)) return "its rows are in a compacted file";
            if (_schemas.TryGetValue((schema.Dataset, schema.Version), out var other) && other != schema) return $"its footer tells another version {schema.Version} of {schema.Dataset} than other files do";
            foreach (var range in file.Footer.Offsets)
                if (At(file, range).FirstOrDefault(taken => OffsetRanges.Overlap(taken.Range, range)) is { Path: { } path }) return $"{OffsetRanges.Text(range)} is in {path} already: it was written, never committed";
            if (file.Footer.Offsets.Count > 0) return null;
            foreach (var window in file.Footer.Windows)
                if (_windows.TryGetValue((schema.Dataset, window.Start), out string? path)) return $"a newer version of its window is in {path}";
            return null;
        }

        private List<(OffsetRange Range, string Path)> At(FoundFile file, OffsetRange range)
        {
            var place = (file.Footer.Schema.Dataset, range.Topic, range.Generation, range.Partition);
            if (!_ranges.TryGetValue(place, out var ranges)) _ranges[place] = ranges = [];
            return ranges;
        }

        private IEnumerable<OffsetRange> Uncovered(IGrouping<string, FoundFile> dataset)
        {
            var covered = OffsetRanges.Join(_ranges.Where(pair => pair.Key.Dataset == dataset.Key).SelectMany(pair => pair.Value).Select(taken => taken.Range));
            return OffsetRanges.Without(OffsetRanges.Join(dataset.SelectMany(file => file.Footer.Offsets)), covered);
        }
    }
}

using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Backfilling;

/// <summary>What the lake holds in a backfill's range, read once: rows by window, and when each changed.</summary>
internal sealed class PlannedInputs
{
    private readonly BackfillRequest _request;
    private readonly Dictionary<string, IReadOnlyList<WindowRows>> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<ChangedWindow>> _changed = new(StringComparer.Ordinal);

    private PlannedInputs(BackfillRequest request) => _request = request;

    public static async Task<PlannedInputs> ReadAsync(IMetadata metadata, BackfillRequest request, CancellationToken cancel)
    {
        var inputs = new PlannedInputs(request);
        long head = await metadata.Commits.HeadAsync(cancel);
        var (from, to) = (Micros.ToInstant(Micros.HourOf(Micros.Of(request.Start))), request.End);
        foreach (string dataset in request.Dag.Steps.OfType<DatasetStep>().Select(step => step.Dataset).Distinct(StringComparer.Ordinal))
        {
            inputs._rows[dataset] = await metadata.Catalog.RowsAsync(dataset, from, to, head, cancel);
            inputs._changed[dataset] = await metadata.Catalog.ChangedAsync(dataset, from, to, cancel);
        }
        return inputs;
    }

    /// <summary>Windows of the range in which something has landed for the step to read; rising.</summary>
    public IReadOnlyList<Window> WindowsOf(Step step) => step switch
    {
        BuildStep { From: LandStep land } build => Cut(build, _changed[land.Dataset].SelectMany(change => build.Dag.Calendar.Between(build.Grain, change.Start, change.Start.AddHours(1)))),
        BuildStep build => Cut(build, WindowsOf(build.From).Select(window => build.Dag.Calendar.Of(build.Grain, window.Start))),
        CheckStep check => WindowsOf(check.Of),
        PublishStep publish => WindowsOf(publish.Of),
        _ => [],
    };

    public bool ChangedAfter(SlotInput input, long number) => Within(_changed[input.Dataset], change => change.Start, input).Any(change => change.Number > number);

    public long RowsOf(SlotInput input) => Within(_rows[input.Dataset], rows => rows.Start, input).Sum(rows => rows.Rows);

    private List<Window> Cut(Step step, IEnumerable<Window> windows) => [.. windows.Where(window => window.Start >= _request.Start && window.Start < _request.End).Distinct().OrderBy(window => window.Start)];

    private static IEnumerable<T> Within<T>(IReadOnlyList<T> line, Func<T, DateTimeOffset> startOf, SlotInput input)
    {
        int low = 0, high = line.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (startOf(line[middle]) < input.From) low = middle + 1;
            else high = middle;
        }
        for (; low < line.Count && startOf(line[low]) < input.To; low++) yield return line[low];
    }
}

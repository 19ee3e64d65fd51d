using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Unit.Scheduler.Simulation;

/// <summary>The files of a lake as lists in memory, listed by the real store; and jobs that build, check and publish sums of them.</summary>
internal sealed class SimulatedLake(IMetadata metadata)
{
    public const string Sink = "sink";

    private readonly Dictionary<string, IReadOnlyList<(DateTimeOffset At, long Value)>> _files = [];
    private readonly Dictionary<(DateTimeOffset Start, long Version), string> _sent = [];
    private int _made;

    /// <summary>What the sink holds: by window start, the version and its content.</summary>
    public Dictionary<DateTimeOffset, (long Version, string Content)> Published { get; } = [];

    public Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, Window window, long asOf) => metadata.Catalog.FilesAsync(dataset, window.Start, window.End, asOf, default);

    /// <summary>Events in a file of their own, with the commit that shows it.</summary>
    public PendingCommit Land(string dataset, IReadOnlyList<(DateTimeOffset At, long Value)> events, long token)
    {
        var hours = events.GroupBy(each => Micros.ToInstant(Micros.HourOf(Micros.Of(each.At)))).Select(hour => new WindowRows(hour.Key, hour.Count())).ToList();
        return new() { Kind = CommitKind.Land, Token = token, Added = [New(dataset, hours, events, token)], Changed = [.. hours.Select(hour => new WindowChange(dataset, hour.Start))] };
    }

    /// <summary>The sum of what an input holds of the window, exactly as of the commit.</summary>
    public async Task<long> SumAsync(string dataset, Window window, long asOf)
    {
        var from = Micros.ToInstant(Micros.HourOf(Micros.Of(window.Start))); // an hour of a zone may begin inside a UTC hour
        var files = await metadata.Catalog.FilesAsync(dataset, from, window.End, asOf, default);
        return files.SelectMany(file => _files[file.Path]).Where(each => window.Contains(each.At)).Sum(each => each.Value);
    }

    public async Task<JobResult> BuildAsync(BuildStep step, JobContext context)
    {
        long sum = await SumAsync(step.From.Dataset, context.Window, context.AsOf);
        string content = $"{sum}";
        if (context.Previous?.Checksum == content) return new JobResult.Unchanged();
        var before = await FilesAsync(step.Dataset, context.Window, context.AsOf);
        var rows = new WindowRows(context.Window.Start, 1);
        return new JobResult.Done(new()
        {
            Kind = CommitKind.Build, Token = context.Token, Added = [New(step.Dataset, [rows], [(context.Window.Start, sum)], context.Token)], Retired = [.. before.Select(file => file.Path)],
            Changed = [new(step.Dataset, context.Window.Start)],
        }, new(1, content));
    }

    /// <summary>As sinks guard it: a window moves to a higher version only, and one version has one content.</summary>
    public async Task<JobResult> PublishAsync(PublishStep step, JobContext context)
    {
        var files = await FilesAsync(step.Of.Dataset, context.Window, context.AsOf);
        if (files.Count != 1) throw new InvalidOperationException($"{context.Window}: found {files.Count} live results as of {context.AsOf}, expected one");
        long version = files[0].AddedIn;
        string content = $"{_files[files[0].Path][0].Value}";
        await metadata.Publishes.IntendAsync(Sink, step.Table, context.Window, version, default);
        if (_sent.TryGetValue((context.Window.Start, version), out string? sent) && sent != content) throw new InvalidOperationException($"{context.Window}: version {version} was {sent} before and is {content} now");
        _sent[(context.Window.Start, version)] = content;
        if (!Published.TryGetValue(context.Window.Start, out var held) || held.Version < version) Published[context.Window.Start] = (version, content);
        return new JobResult.Done(
            new() { Kind = CommitKind.Publish, Token = context.Token, Confirmed = new(Sink, step.Table, context.Window, version) }, new(1, content, version));
    }

    private NewFile New(string dataset, IReadOnlyList<WindowRows> windows, IReadOnlyList<(DateTimeOffset, long)> content, long token)
    {
        string path = $"{dataset}/{token}-{++_made}.parquet";
        _files[path] = content;
        return new(dataset, path, windows.Sum(window => window.Rows), content.Count, 1, windows, []);
    }
}

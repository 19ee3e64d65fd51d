using Etl.Cli.Hosting;
using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;

namespace Etl.Cli.Why;

/// <summary>Gathers from store and sinks what is known of one window.</summary>
internal sealed class WhyReport(Engine engine, Dag dag)
{
    public const int CommitsMax = 100;

    private readonly Planner _planner = new(dag, step => engine.Jobs.JobOf(step) is not null);

    /// <summary>A window of events: the batches that brought its rows.</summary>
    public async Task<WhyDocument> OfEventsAsync(LandStep step, Window window, CancellationToken cancel)
    {
        var from = Micros.ToInstant(Micros.HourOf(Micros.Of(window.Start)));
        var input = await InputAsync(new(step.Dataset, from, window.End), [], cancel);
        return New(step, window) with { Rows = input.Rows, Inputs = [input] };
    }

    /// <summary>A window of a result.</summary>
    public async Task<WhyDocument> OfResultAsync(BuildStep step, Window window, CancellationToken cancel)
    {
        var id = new SlotId(step.FullName, window);
        var inputs = new List<WhyInput>();
        foreach (var input in _planner.InputsOf(id)) inputs.Add(await InputAsync(input, await OpenAsync(step.From, window, cancel), cancel));
        var document = New(step, window) with { Inputs = inputs, Sql = step.SqlName };
        if (await engine.Metadata.Ledger.FindAsync(id, cancel) is not { } slot) return document with { Reason = Unplanned(window, inputs) };

        var attempts = await engine.Metadata.Ledger.AttemptsAsync(id, cancel);
        var stored = slot.Version > 0 ? await engine.Metadata.Commits.FindAsync(slot.Version, cancel) : null;
        return document with
        {
            State = slot.State, Reason = slot.Reason.Length > 0 ? slot.Reason : null, Round = slot.Round, Attempt = slot.Attempt,
            Version = slot.Version > 0 ? slot.Version : null, Rows = slot.Rows, AsOf = slot.AsOf > 0 ? slot.AsOf : null, SqlDigest = slot.Digest.Length > 0 ? slot.Digest : null,
            StoredBy = stored is null ? null : new(stored.Number, stored.At, stored.Kind, stored.Writer, stored.Note, [], []),
            Stale = await StaleAsync(step, slot, inputs, cancel),
            Checks = await ChecksAsync(step, window, cancel),
            Published = await PublishedAsync(step, window, slot.Version, cancel),
            Attempts = [.. attempts.Select(one => new WhyAttempt(one.Round, one.Attempt, one.Started, one.Ended, one.State, one.Rows, one.Reason))],
        };
    }

    private static WhyDocument New(DatasetStep step, Window window) => new(step.Dataset, step.Dag.Name, window.ToString(), window.Start, window.End, window.Zone);

    private static string Unplanned(Window window, IReadOnlyList<WhyInput> inputs) => inputs.All(input => input.Rows == 0)
        ? $"not planned: no event of {window} has landed"
        : $"not planned yet: `etl run` plans what landed";

    private async Task<string?> StaleAsync(BuildStep step, Slot slot, IReadOnlyList<WhyInput> inputs, CancellationToken cancel)
    {
        if (slot.Version == 0) return null;
        if (inputs.SelectMany(input => input.Commits).Where(commit => commit.Windows.Count > 0 && commit.Number > slot.AsOf).MaxBy(commit => commit.Number) is { } later)
            return $"{later.Kind.ToString().ToLowerInvariant()} {later.Number} changed an input after commit {slot.AsOf}, which it was built from";
        return slot.Digest != await engine.Jobs.DigestAsync(step, slot.Id.Window, cancel) ? $"{step.SqlName}, or the columns it reads, have changed since" : null;
    }

    private async Task<WhyInput> InputAsync(SlotInput input, IReadOnlyList<WhySlot> open, CancellationToken cancel)
    {
        var catalog = engine.Metadata.Catalog;
        long head = await engine.Metadata.Commits.HeadAsync(cancel);
        var changed = (await catalog.ChangedAsync(input.Dataset, input.From, input.To, cancel)).ToLookup(window => window.Number, window => window.Start);
        var added = (await catalog.FilesAsync(input.Dataset, input.From, input.To, head, cancel)).ToLookup(file => file.AddedIn, file => file.Offsets);
        var commits = new List<WhyCommit>();
        foreach (long number in changed.Select(group => group.Key).Union(added.Select(group => group.Key)).OrderDescending().Take(CommitsMax))
            if (await engine.Metadata.Commits.FindAsync(number, cancel) is { } commit)
                commits.Add(new(number, commit.At, commit.Kind, commit.Writer, commit.Note, [.. changed[number]], [.. added[number].SelectMany(offsets => offsets).OrderBy(range => range.Partition)]));
        commits.Reverse();
        long rows = (await catalog.RowsAsync(input.Dataset, input.From, input.To, head, cancel)).Sum(window => window.Rows);
        return new(input.Dataset, input.From, input.To, rows, await catalog.FrontierAsync(input.Dataset, cancel), commits, open);
    }

    private async Task<IReadOnlyList<WhySlot>> OpenAsync(DatasetStep from, Window window, CancellationToken cancel)
    {
        if (from is LandStep) return [];
        var slots = await engine.Metadata.Ledger.ListAsync(new() { Steps = [from.FullName], From = window.Start, To = window.End }, cancel);
        return [.. slots.Where(slot => slot.State is not (SlotState.Done or SlotState.Skipped)).Select(slot => new WhySlot(from.Name, slot.Id.Window.ToString(), slot.State, slot.Reason))];
    }

    private async Task<IReadOnlyList<WhySlot>> ChecksAsync(BuildStep step, Window window, CancellationToken cancel)
    {
        var checks = new List<WhySlot>();
        foreach (var check in dag.Steps.OfType<CheckStep>().Where(check => check.Of == step))
        {
            var slot = await engine.Metadata.Ledger.FindAsync(new SlotId(check.FullName, window), cancel);
            checks.Add(new(check.Name, window.ToString(), slot?.State, slot?.Reason ?? "not planned yet"));
        }
        return checks;
    }

    private async Task<IReadOnlyList<WhyPublish>> PublishedAsync(BuildStep step, Window window, long version, CancellationToken cancel)
    {
        var published = new List<WhyPublish>();
        foreach (var publish in dag.Steps.OfType<PublishStep>().Where(publish => publish.Of == step))
        {
            if (engine.Sinks.FirstOrDefault(sink => sink.Name == publish.Sink) is not { } sink)
            {
                published.Add(new(publish.Sink.Name, publish.Table, null, null, null, "not configured"));
                continue;
            }
            var slot = await engine.Metadata.Ledger.FindAsync(new SlotId(publish.FullName, window), cancel);
            var (inSink, note) = (default(long?), slot?.Reason ?? "not planned yet");
            try { inSink = await sink.VersionAsync(publish.Table, window, cancel); }
            catch (StoreException error) { note = $"not asked: {error.Message}"; }
            if (inSink < version && note.Length == 0) note = "older than the lake's";
            published.Add(new(publish.Sink.Name, publish.Table, slot?.State, slot?.Version is > 0 and var stored ? stored : null, inSink, note));
        }
        return published;
    }
}

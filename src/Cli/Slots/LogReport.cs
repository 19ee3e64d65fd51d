using System.Globalization;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Cli.Slots;

/// <summary>Finds and shows what attempts said: those of one slot, or those of a run's slots while it ran; once, or as it comes.</summary>
/// <param name="max">Most attempts, the last ones; of those that are followed, at first.</param>
internal sealed class LogReport(Invocation invocation, int max)
{
    private const int FollowedMax = 10_000;

    /// <summary>Lines are in the store a second after they were said.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>How far a look goes back behind the one before: a transaction shows later what it wrote earlier.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    public async Task<int> OfSlotAsync(IReadOnlyList<string> words, string? key, string? attempt, CancellationToken cancel)
    {
        var wanted = attempt is null ? null : (Wanted?)Wanted.Parse(attempt);
        var (engine, slot) = await SlotAsync(words, key, cancel);
        var window = slot.Id.Window;
        var all = await engine.Metadata.Logs.OfAsync(slot.Id, cancel);
        var stories = wanted is { } one ? [.. all.Where(story => story.Attempt.Attempt == one.Attempt && story.Attempt.Round == (one.Round ?? all[^1].Attempt.Round))] : all.TakeLast(max).ToList();
        if (wanted is not null && stories.Count == 0)
            throw new NotFoundException($"--attempt: found no attempt {attempt} of {slot.Id.Step} {window}, expected {(all.Count == 0 ? "none: it has had no attempt yet" : $"one of: {string.Join(", ", all.TakeLast(20).Select(story => $"{story.Attempt.Round}.{story.Attempt.Attempt}"))}")}");
        Answer(stories);
        if (all.Count == 0) invocation.Terminal.Note($"no attempt yet; `etl slot show {slot.Id.Step} {window}` says why");
        else if (stories.Count < all.Count && wanted is null) invocation.Terminal.Note($"the last {stories.Count:N0} of {all.Count:N0} attempts; more with --max");
        return ExitCodes.Ok;
    }

    /// <summary>Until the slot has ended, or Ctrl-C.</summary>
    public async Task<int> FollowSlotAsync(IReadOnlyList<string> words, string? key, CancellationToken cancel)
    {
        var (engine, slot) = await SlotAsync(words, key, cancel);
        var follower = new LogFollower(invocation.Terminal);
        if (!SlotTransitions.IsEnd(slot.State)) SayWhereNobodyWorks($"{slot.Id.Step} {slot.Id.Window}");
        return await UntilAsync(async () =>
        {
            bool ended = await engine.Metadata.Ledger.FindAsync(slot.Id, cancel) is not { } now || SlotTransitions.IsEnd(now.State); // first: what comes after is shown still
            follower.Show([.. (await engine.Metadata.Logs.OfAsync(slot.Id, cancel)).TakeLast(max)]);
            return ended;
        }, cancel);
    }

    /// <param name="polls">The slots that a run asks its sources for; their windows bound what of the fed DAGs is the run's.</param>
    public async Task<int> OfRunAsync(Func<Engine, Task<Run>> find, Func<Run, IReadOnlyList<SlotId>> polls, bool failedOnly, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var run = await find(engine);
        var stories = run.Started is { } started && FilterOf(run, polls(run), failedOnly) is { } filter ? await BetweenAsync(engine, filter, started, run, cancel) : [];
        Answer(stories);
        invocation.Terminal.Note(run.Started is null ? $"run {run.Id} has not begun: it is {run.State.ToString().ToLowerInvariant()}"
            : stories.Count == 0 ? $"no attempt of run {run.Id} {(failedOnly ? "failed" : "said anything, or it is forgotten")}"
            : stories.Count == max ? $"the last {max:N0} attempts; more with --max, or of one slot with `etl runs logs STEP WINDOW`" : $"{stories.Count:N0} attempts while run {run.Id} ran");
        return ExitCodes.Ok;
    }

    /// <summary>Until the run has ended, or Ctrl-C.</summary>
    public async Task<int> FollowRunAsync(Func<Engine, Task<Run>> find, Func<Run, IReadOnlyList<SlotId>> polls, bool failedOnly, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var follower = new LogFollower(invocation.Terminal);
        DateTimeOffset? seen = null;
        if (await find(engine) is { IsEnded: false } open) SayWhereNobodyWorks($"run {open.Id}");
        return await UntilAsync(async () =>
        {
            var run = await find(engine);
            if (run.Started is not { } started || FilterOf(run, polls(run), failedOnly) is not { } filter) return run.IsEnded;
            var now = await engine.Metadata.NowAsync(cancel);
            Task<IReadOnlyList<AttemptStory>> SinceAsync(DateTimeOffset at, int most) => BetweenAsync(engine, filter with { Max = most }, at - Overlap > started ? at - Overlap : started, run, cancel);
            if (seen is { } last) follower.Show(await SinceAsync(last, FollowedMax));
            else
            {
                follower.Show(await BetweenAsync(engine, filter, started, run, cancel));
                follower.PassOver(await SinceAsync(now, FollowedMax)); // beyond those that are shown at first
            }
            seen = now;
            return run.IsEnded;
        }, cancel);
    }

    private void SayWhereNobodyWorks(string what)
    {
        if (invocation.Folder.IsOwner) invocation.Terminal.Note($"no `etl up` runs on this folder now: where nobody works on {what}, it does not end; Ctrl-C stops following");
    }

    private async Task<int> UntilAsync(Func<Task<bool>> look, CancellationToken cancel)
    {
        try
        {
            while (!await look()) await Task.Delay(LookEvery, invocation.Clock, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested && !invocation.IsFaulted) { }
        return ExitCodes.Ok;
    }

    private async Task<(Engine Engine, Slot Slot)> SlotAsync(IReadOnlyList<string> words, string? key, CancellationToken cancel)
    {
        var (step, window) = SlotWords.Parse(words);
        var engine = await invocation.OpenKnownAsync(cancel);
        return (engine, await SlotWords.FindAsync(engine, step, window, key, cancel));
    }

    /// <returns>null where the DAG is not known any more.</returns>
    private SlotFilter? FilterOf(Run run, IReadOnlyList<SlotId> wanted, bool failedOnly) => Composition.Products.FirstOrDefault(product => product.Dag.Name == run.Dag) is not { } product ? null : new()
    {
        Steps = [.. Composition.WithFed(product).SelectMany(each => each.Dag.Steps).Where(step => step is not LandStep).Select(step => step.FullName)],
        States = failedOnly ? [SlotState.Failed, SlotState.Retrying, SlotState.Queued, SlotState.Cancelled] : null, Max = max,
        From = wanted.Count > 0 ? wanted.Min(slot => slot.Window.Start) : null, To = wanted.Count > 0 ? wanted.Max(slot => slot.Window.End) : null,
    };

    private static async Task<IReadOnlyList<AttemptStory>> BetweenAsync(Engine engine, SlotFilter filter, DateTimeOffset from, Run run, CancellationToken cancel) =>
        await engine.Metadata.Logs.BetweenAsync(filter, from, (run.Ended ?? await engine.Metadata.NowAsync(cancel)).AddSeconds(1), cancel); // the run's end is written after its last slot's

    private void Answer(IReadOnlyList<AttemptStory> stories) => invocation.Terminal.Answer(stories.Select(LogView.Document), people =>
    {
        foreach (var story in stories) LogView.Draw(people, story);
    });

    private readonly record struct Wanted(int? Round, int Attempt)
    {
        public static Wanted Parse(string text) => text.Split('.') switch
        {
            [var attempt] when Number(attempt) is { } one => new(null, one),
            [var round, var attempt] when Number(round) is { } of && Number(attempt) is { } one => new(of, one),
            _ => throw new UsageException($"--attempt: found \"{text}\", expected a number from 1, or ROUND.ATTEMPT such as 2.1"),
        };

        private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : null;
    }
}

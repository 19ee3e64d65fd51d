using System.Globalization;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Cli.Slots;

/// <summary>Finds and shows what attempts said: those of one slot, or those of a run's slots while it ran.</summary>
/// <param name="max">Most attempts, the last ones.</param>
internal sealed class LogReport(Invocation invocation, int max)
{
    public async Task<int> OfSlotAsync(IReadOnlyList<string> words, string? key, string? attempt, CancellationToken cancel)
    {
        var (step, window) = SlotWords.Parse(words);
        var wanted = attempt is null ? null : (Wanted?)Wanted.Parse(attempt);
        var engine = await invocation.OpenKnownAsync(cancel);
        var slot = await SlotWords.FindAsync(engine, step, window, key, cancel);
        var all = await engine.Metadata.Logs.OfAsync(slot.Id, cancel);
        var stories = wanted is { } one ? [.. all.Where(story => story.Attempt.Attempt == one.Attempt && story.Attempt.Round == (one.Round ?? all[^1].Attempt.Round))] : all.TakeLast(max).ToList();
        if (wanted is not null && stories.Count == 0)
            throw new NotFoundException($"--attempt: found no attempt {attempt} of {slot.Id.Step} {window}, expected {(all.Count == 0 ? "none: it has had no attempt yet" : $"one of: {string.Join(", ", all.TakeLast(20).Select(story => $"{story.Attempt.Round}.{story.Attempt.Attempt}"))}")}");
        Answer(stories);
        if (all.Count == 0) invocation.Terminal.Note($"no attempt yet; `etl slot show {slot.Id.Step} {window}` says why");
        else if (stories.Count < all.Count && wanted is null) invocation.Terminal.Note($"the last {stories.Count:N0} of {all.Count:N0} attempts; more with --max");
        return ExitCodes.Ok;
    }

    /// <param name="polls">The slots that a run asks its sources for; their windows bound what of the fed DAGs is the run's.</param>
    public async Task<int> OfRunAsync(Func<Engine, Task<Run>> find, Func<Run, IReadOnlyList<SlotId>> polls, bool failedOnly, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var run = await find(engine);
        IReadOnlyList<AttemptStory> stories = [];
        if (run.Started is { } started && Composition.Products.FirstOrDefault(product => product.Dag.Name == run.Dag) is { } product)
        {
            var wanted = polls(run);
            var steps = Composition.WithFed(product).SelectMany(each => each.Dag.Steps).Where(step => step is not LandStep).Select(step => step.FullName).ToList();
            stories = await engine.Metadata.Logs.BetweenAsync(new()
            {
                Steps = steps, States = failedOnly ? [SlotState.Failed, SlotState.Retrying, SlotState.Queued, SlotState.Cancelled] : null, Max = max,
                From = wanted.Count > 0 ? wanted.Min(slot => slot.Window.Start) : null, To = wanted.Count > 0 ? wanted.Max(slot => slot.Window.End) : null,
            }, started, (run.Ended ?? await engine.Metadata.NowAsync(cancel)).AddSeconds(1), cancel); // the run's end is written after its last slot's
        }
        Answer(stories);
        invocation.Terminal.Note(run.Started is null ? $"run {run.Id} has not begun: it is {run.State.ToString().ToLowerInvariant()}"
            : stories.Count == 0 ? $"no attempt of run {run.Id} {(failedOnly ? "failed" : "said anything, or it is forgotten")}"
            : stories.Count == max ? $"the last {max:N0} attempts; more with --max, or of one slot with `etl runs logs STEP WINDOW`" : $"{stories.Count:N0} attempts while run {run.Id} ran");
        return ExitCodes.Ok;
    }

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

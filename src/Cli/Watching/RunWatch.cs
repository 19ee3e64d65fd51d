using System.Diagnostics;
using System.Globalization;
using Etl.Cli.Dags;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Spectre.Console;

namespace Etl.Cli.Watching;

/// <summary>Follows a run until it ends: on a terminal its steps are drawn over, elsewhere each change is a line.</summary>
/// <param name="polls">The slots that it asks its sources for: their windows are the run's.</param>
internal sealed class RunWatch(Invocation invocation, Engine engine, IReadOnlyList<SlotId> polls, TimeSpan? longest)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Part of the time that is spent asking, at most: counting a long history takes a while.</summary>
    private const int AskingPart = 10;

    private readonly RunLines _lines = new(invocation.Clock);

    /// <returns>The run as it ended.</returns>
    /// <exception cref="StoreException">It has not ended in time.</exception>
    public async Task<Run> FollowAsync(Run run, CancellationToken cancel)
    {
        long began = invocation.Clock.GetTimestamp();
        var filter = FilterOf(run);
        if (!run.IsEnded && invocation.Folder.IsOwner) invocation.Terminal.Note($"no `etl up` runs on this folder now: where nobody takes the run, it does not end; Ctrl-C stops watching");
        using var live = new LiveLines(invocation.Terminal);
        while (true)
        {
            long asked = Stopwatch.GetTimestamp();
            run = await engine.Metadata.Runs.FindAsync(run.Id, cancel) ?? run;
            var counts = filter is null ? [] : await engine.Metadata.Ledger.CountAsync(filter, cancel);
            if (invocation.Terminal.IsDrawn) live.Draw(_lines.All(run, counts));
            else
                foreach (string line in _lines.Changed(run, counts)) invocation.Terminal.Show(people => people.MarkupLine(line));
            if (run.IsEnded) return run;
            if (longest is { } time && invocation.Clock.GetElapsedTime(began) > time) throw new StoreException($"run {run.Id} has not ended within {time.TotalSeconds:0} s: it is {run.State.ToString().ToLowerInvariant()}{(run.Reason.Length > 0 ? $", {run.Reason}" : "")}", isTransient: true);
            var pause = Stopwatch.GetElapsedTime(asked) * AskingPart;
            await Task.Delay(pause > LookEvery ? pause : LookEvery, invocation.Clock, cancel);
        }
    }

    /// <summary>0 done, 5 some of it, 1 none of it.</summary>
    public static int CodeOf(Run run) => run.State == RunState.Done ? ExitCodes.Ok : run.Windows > 0 ? ExitCodes.DoneInPart : ExitCodes.WorkFailed;

    private SlotFilter? FilterOf(Run run)
    {
        if (Composition.Products.FirstOrDefault(product => product.Dag.Name == run.Dag) is not { } product) return null;
        return new()
        {
            Steps = [.. Composition.WithFed(product).SelectMany(each => each.Dag.Steps).Where(step => step is not LandStep).Select(step => step.FullName)],
            From = polls.Count > 0 ? polls.Min(poll => poll.Window.Start) : null, To = polls.Count > 0 ? polls.Max(poll => poll.Window.End) : null,
        };
    }
}

/// <summary>A run and the states of its steps as lines of markup.</summary>
internal sealed class RunLines(TimeProvider clock)
{
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    public IReadOnlyList<string> All(Run run, IReadOnlyList<SlotCount> counts)
    {
        var steps = counts.GroupBy(count => count.Step).ToList();
        int width = steps.Select(step => step.Key.Length).DefaultIfEmpty(0).Max();
        return [Head(run), .. steps.Select(step => $"  {step.Key.PadRight(width)}  {Cells(step)}"), $"[grey]{Markup.Escape(StateText.Legend)}[/]"];
    }

    /// <summary>What is not as it was the last time; at first all.</summary>
    public IReadOnlyList<string> Changed(Run run, IReadOnlyList<SlotCount> counts)
    {
        string time = clock.GetUtcNow().UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        List<string> changed = [];
        void Say(string about, string line)
        {
            if (_said.TryGetValue(about, out string? before) && before == line) return;
            _said[about] = line;
            changed.Add($"{time}Z  {line}");
        }
        foreach (var step in counts.GroupBy(count => count.Step)) Say(step.Key, $"{step.Key}: {string.Join(", ", step.OrderBy(count => count.State).Select(count => $"{count.Count:N0} {count.State.ToString().ToLowerInvariant()}"))}");
        Say("", Head(run));
        return changed;
    }

    private static string Head(Run run) => $"run {run.Id} of {run.Dag}: {StateText.Word(run.State)}{(run.IsEnded ? $", {run.Windows:N0} windows, {run.Rows:N0} rows{(RunView.Took(run) is { Length: > 0 } took ? $" in {took}" : "")}" : "")}{(run.Reason.Length > 0 ? $", {Markup.Escape(run.Reason)}" : "")}";

    private static string Cells(IEnumerable<SlotCount> counts) => string.Join("  ", counts.OrderBy(count => count.State).Select(count => $"{StateText.Cell(count.State)} {count.Count:N0}"));
}

/// <summary>Lines of a terminal that are drawn over, never more than it is high.</summary>
internal sealed class LiveLines(Terminal terminal) : IDisposable
{
    private int _drawn;

    public void Draw(IReadOnlyList<string> lines) => terminal.Show(people =>
    {
        int most = Math.Max(3, people.Profile.Height - 2);
        var shown = lines.Count <= most ? lines : [.. lines.Take(most - 1), $"[grey]and {lines.Count - most + 1} lines more[/]"];
        if (_drawn > 0) Console.Out.Write($"\u001b[{_drawn}A\r\u001b[J");
        foreach (string line in shown) people.MarkupLine(Cropped(line, people.Profile.Width));
        _drawn = shown.Count;
    });

    /// <summary>A line that is too long would be broken, and the next drawing begin too low: it is cut, and loses its colours.</summary>
    internal static string Cropped(string markup, int width) => Markup.Remove(markup) is { } plain && plain.Length > width ? Markup.Escape(plain[..(width - 1)] + "…") : markup;

    public void Dispose() => _drawn = 0;
}

using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Cli.Slots;

/// <summary>Shows what attempts say as it comes: of each, what was not shown yet. For programs each line is a document of its own.</summary>
internal sealed class LogFollower(Terminal terminal)
{
    private readonly Dictionary<(SlotId Slot, int Round, int Attempt), Shown> _shown = [];
    private (SlotId, int, int)? _last;

    public void Show(IReadOnlyList<AttemptStory> stories)
    {
        foreach (var story in stories) Show(story);
    }

    /// <summary>What these have said so far is not shown.</summary>
    public void PassOver(IEnumerable<AttemptStory> stories)
    {
        foreach (var story in stories) _shown.TryAdd(KeyOf(story), new(story.Lines, story.Attempt.Ended is not null));
    }

    private static (SlotId Slot, int Round, int Attempt) KeyOf(AttemptStory story) => (story.Slot, story.Attempt.Round, story.Attempt.Attempt);

    private void Show(AttemptStory story)
    {
        var key = KeyOf(story);
        bool isNew = !_shown.TryGetValue(key, out var before);
        if (before is { HasEnded: true }) return;
        var lines = NewLines(before?.Lines ?? [], story.Lines);
        bool ended = story.Attempt.Ended is not null;
        _shown[key] = new(ended ? [] : story.Lines, ended);
        if (!isNew && !ended && lines.Count == 0) return;
        bool isOther = _last != key;
        _last = key;
        Stream(story, lines, ended);
        terminal.Show(people =>
        {
            if (isOther) LogView.Head(people, story);
            if (isNew) LogView.Began(people, story.Attempt);
            foreach (var line in lines) LogView.Line(people, line);
            if (ended) LogView.Ended(people, story);
        });
    }

    private void Stream(AttemptStory story, IReadOnlyList<LogLine> lines, bool ended)
    {
        var (slot, attempt) = (story.Slot, story.Attempt);
        foreach (var line in lines) terminal.Stream(new { slot.Step, Window = slot.Window.ToString(), slot.Key, attempt.Round, attempt.Attempt, line.At, line.Severity, line.Text });
        if (ended) terminal.Stream(new { slot.Step, Window = slot.Window.ToString(), slot.Key, attempt.Round, attempt.Attempt, At = attempt.Ended, Ended = attempt.State, attempt.Rows, attempt.Reason });
    }

    /// <summary>What has come since. Of a log that has grown too long its middle is left out: then all after the last line that is in both, or where none is, after the gap.</summary>
    internal static IReadOnlyList<LogLine> NewLines(IReadOnlyList<LogLine> before, IReadOnlyList<LogLine> now)
    {
        if (before.Count == 0) return now;
        if (now.Count >= before.Count && now[before.Count - 1] == before[^1]) return [.. now.Skip(before.Count)];
        for (int at = now.Count - 1; at >= 0; at--)
            if (now[at] == before[^1]) return [.. now.Skip(at + 1)];
        int same = 0;
        while (same < now.Count && same < before.Count && now[same] == before[same]) same++;
        return [.. now.Skip(same)];
    }

    private sealed record Shown(IReadOnlyList<LogLine> Lines, bool HasEnded);
}

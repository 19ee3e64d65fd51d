using System.Globalization;
using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Spectre.Console;

namespace Etl.Cli.Slots;

/// <summary>What attempts said, for people and programs.</summary>
internal static class LogView
{
    public static object Document(AttemptStory story) => new
    {
        story.Slot.Step, Window = story.Slot.Window.ToString(), story.Slot.Key, story.Attempt.Round, story.Attempt.Attempt, State = story.Attempt.State ?? SlotState.Running, story.Attempt.Worker, story.Attempt.Token, story.Attempt.Started,
        story.Attempt.Ended, Seconds = Took(story.Attempt)?.TotalSeconds, story.Attempt.Rows, story.Attempt.Reason, Lines = story.Lines.Select(line => new { line.At, line.Severity, line.Text }),
    };

    public static void Draw(IAnsiConsole people, AttemptStory story)
    {
        var (slot, attempt) = (story.Slot, story.Attempt);
        people.MarkupLine($"[bold]{slot.Step} {slot.Window}[/]{(slot.Key.Length > 0 ? $" [grey]{Markup.Escape(slot.Key)}[/]" : "")}");
        people.MarkupLine($"attempt {attempt.Round}.{attempt.Attempt} {StateText.Word(attempt.State ?? SlotState.Running)}{(Took(attempt) is { } took ? string.Create(CultureInfo.InvariantCulture, $" in {took.TotalSeconds:0.000} s") : "")}, {attempt.Rows:N0} rows [grey]{Worker(attempt)}[/]");
        HangingText.Write(people, $"{Time(attempt.Started)}  ", $"began, {attempt.Started.UtcDateTime:yyyy-MM-dd} UTC");
        foreach (var line in story.Lines)
            HangingText.Write(people, $"{Time(line.At)}  ", line.Text, line.Severity switch { LogSeverity.Error => "red", LogSeverity.Warning => "yellow", _ => "" });
        if (attempt.Ended is { } ended) HangingText.Write(people, $"{Time(ended)}  ", $"ended {attempt.State?.ToString().ToLowerInvariant()}{(attempt.Reason.Length > 0 && story.Lines.All(line => !line.Text.Contains(attempt.Reason, StringComparison.Ordinal)) ? $": {attempt.Reason}" : "")}");
        else people.MarkupLine("[grey]it runs; what it says is kept when it ends[/]");
    }

    public static string Worker(SlotAttempt attempt) => Markup.Escape($"by {(attempt.Worker.Length > 0 ? attempt.Worker : "a worker that is not known any more")}, token {attempt.Token}");

    public static TimeSpan? Took(SlotAttempt attempt) => attempt.Ended - attempt.Started;

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
}

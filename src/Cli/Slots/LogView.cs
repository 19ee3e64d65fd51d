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
        Head(people, story);
        Began(people, story.Attempt);
        foreach (var line in story.Lines) Line(people, line);
        if (story.Attempt.Ended is null) people.MarkupLine("[grey]it runs; what it says is here a second later, and as it comes with --follow[/]");
        else Ended(people, story);
    }

    public static void Head(IAnsiConsole people, AttemptStory story)
    {
        var (slot, attempt) = (story.Slot, story.Attempt);
        people.MarkupLine($"[bold]{slot.Step} {slot.Window}[/]{(slot.Key.Length > 0 ? $" [grey]{Markup.Escape(slot.Key)}[/]" : "")}");
        string done = Took(attempt) is { } took ? string.Create(CultureInfo.InvariantCulture, $" in {took.TotalSeconds:0.000} s, {attempt.Rows:N0} rows") : "";
        people.MarkupLine($"attempt {attempt.Round}.{attempt.Attempt} {StateText.Word(attempt.State ?? SlotState.Running)}{done} [grey]{Worker(attempt)}[/]");
    }

    public static void Began(IAnsiConsole people, SlotAttempt attempt) => HangingText.Write(people, $"{Time(attempt.Started)}  ", $"began, {attempt.Started.UtcDateTime:yyyy-MM-dd} UTC");

    public static void Line(IAnsiConsole people, LogLine line) =>
        HangingText.Write(people, $"{Time(line.At)}  ", line.Text, line.Severity switch { LogSeverity.Error => "red", LogSeverity.Warning => "yellow", _ => "" });

    public static void Ended(IAnsiConsole people, AttemptStory story)
    {
        var attempt = story.Attempt;
        bool isSaid = attempt.Reason.Length == 0 || story.Lines.Any(line => line.Text.Contains(attempt.Reason, StringComparison.Ordinal));
        HangingText.Write(people, $"{Time(attempt.Ended ?? attempt.Started)}  ", $"ended {attempt.State?.ToString().ToLowerInvariant()}{(isSaid ? "" : $": {attempt.Reason}")}");
    }

    public static string Worker(SlotAttempt attempt) => Markup.Escape($"by {(attempt.Worker.Length > 0 ? attempt.Worker : "a worker that is not known any more")}, token {attempt.Token}");

    public static TimeSpan? Took(SlotAttempt attempt) => attempt.Ended - attempt.Started;

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
}

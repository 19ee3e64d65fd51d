using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Slots;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Spectre.Console;

namespace Etl.Cli.Feeds;

/// <summary>Shows what the runners of a feed said: once, or as it comes.</summary>
/// <param name="max">Most runners, the last ones.</param>
internal sealed class FeedLogReport(Invocation invocation, string feed, int max)
{
    /// <summary>Lines are in the store a second after they were said.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public async Task<int> ShowAsync(CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var stories = await engine.Metadata.Feeds.StoriesAsync(feed, max, cancel);
        var landers = await LandersAsync(engine, cancel);
        invocation.Terminal.Answer(stories.Select(story => Document(story, landers)), people =>
        {
            foreach (var story in stories)
            {
                Head(people, story);
                foreach (var line in story.Lines) LogView.Line(people, line);
                people.MarkupLine($"[grey]{End(story, landers)}[/]");
            }
        });
        if (stories.Count == 0) invocation.Terminal.Note($"{feed} has landed nothing yet and has had no trouble; `etl feeds list` tells its state");
        return ExitCodes.Ok;
    }

    /// <summary>Until Ctrl-C: a feed has no end.</summary>
    public async Task<int> FollowAsync(CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        if ((await LandersAsync(engine, cancel)).Count == 0) invocation.Terminal.Note($"{feed} is run by nobody now; `etl up` runs it. Ctrl-C stops following");
        Dictionary<(long, DateTimeOffset), IReadOnlyList<LogLine>>? shown = null;
        (long, DateTimeOffset)? last = null;
        try
        {
            for (; ; await Task.Delay(LookEvery, invocation.Clock, cancel))
            {
                var stories = await engine.Metadata.Feeds.StoriesAsync(feed, IFeedLog.StoriesKept, cancel);
                foreach (var story in shown is null ? stories.TakeLast(max) : stories)
                {
                    var lines = LogFollower.NewLines(shown?.GetValueOrDefault(KeyOf(story)) ?? [], story.Lines);
                    if (lines.Count == 0) continue;
                    Show(story, lines, isOther: last != KeyOf(story));
                    last = KeyOf(story);
                }
                shown = stories.ToDictionary(KeyOf, story => story.Lines);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested && !invocation.IsFaulted) { return ExitCodes.Ok; }
    }

    private void Show(FeedStory story, IReadOnlyList<LogLine> lines, bool isOther)
    {
        invocation.Terminal.Show(people =>
        {
            if (isOther) Head(people, story);
            foreach (var line in lines) LogView.Line(people, line);
        });
        foreach (var line in lines) invocation.Terminal.Stream(new { Feed = feed, story.Token, line.At, line.Severity, line.Text });
    }

    private static (long Token, DateTimeOffset Started) KeyOf(FeedStory story) => (story.Token, story.Started);

    /// <summary>Tokens of those who land the feed.</summary>
    private async Task<IReadOnlySet<long>> LandersAsync(Engine engine, CancellationToken cancel) =>
        (await engine.Metadata.Feeds.ListAsync(cancel)).Where(status => status.Feed == feed).SelectMany(status => status.Landers).Select(lander => lander.Token).ToHashSet();

    private static object Document(FeedStory story, IReadOnlySet<long> landers) => new
    {
        story.Feed, story.Token, story.Worker, story.Started, story.Ended, Running = story.Ended is null && landers.Contains(story.Token), Lines = story.Lines.Select(line => new { line.At, line.Severity, line.Text }),
    };

    private static void Head(IAnsiConsole people, FeedStory story) =>
        people.MarkupLine($"[bold]{Markup.Escape(story.Feed)}[/] since {RowsView.Text(story.Started.AddTicks(-(story.Started.UtcTicks % TimeSpan.TicksPerSecond)))} [grey]{Markup.Escape(story.Worker.Length > 0 ? $"by {story.Worker}" : "by a process that is not known any more")}, token {story.Token}[/]");

    private static string End(FeedStory story, IReadOnlySet<long> landers) =>
        story.Ended is { } ended ? $"ended {RowsView.Text(ended.AddTicks(-(ended.UtcTicks % TimeSpan.TicksPerSecond)))}" : landers.Contains(story.Token) ? "it runs" : "its process was killed, or has not said its end yet";
}

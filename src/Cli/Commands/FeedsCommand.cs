using System.CommandLine;
using Etl.Cli.Feeds;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>The feeds: who lands what, how far behind it is, and what troubled it last.</summary>
internal static class FeedsCommand
{
    private const int ErrorShown = 100;

    private static readonly Argument<string> FeedArgument = new("feed") { Description = $"One of: {string.Join(", ", Names)}" };

    private static readonly Option<int> MaxOption = new("--max") { Description = $"How many runners, the last ones, 1 to {IFeedLog.StoriesKept}", DefaultValueFactory = _ => 3, HelpName = "N" };
    private static readonly Option<bool> FollowOption = new("--follow", "-f") { Description = "Go on showing what is said, until Ctrl-C; with --json one line each" };

    private static IEnumerable<string> Names => Composition.Dags.SelectMany(dag => dag.Steps).OfType<LandStep>().Select(step => step.FullName);

    public static Command New()
    {
        var list = new Verb("list", "Every feed with its state, lag and last error", "etl feeds list");
        list.SetAction(Invocation.Of((invocation, _, cancel) => ListAsync(invocation, cancel)));
        var pause = new Verb("pause", "Land no more of a topic: whoever lands it now stops within 20 s", "etl feeds pause trucks/land_truck_telemetry") { FeedArgument };
        pause.SetAction(Invocation.Of((invocation, parsed, cancel) => PauseAsync(invocation, parsed.GetValue(FeedArgument)!, true, cancel)));
        var resume = new Verb("resume", "Land a topic again, from where it stood", "etl feeds resume trucks/land_truck_telemetry") { FeedArgument };
        resume.SetAction(Invocation.Of((invocation, parsed, cancel) => PauseAsync(invocation, parsed.GetValue(FeedArgument)!, false, cancel)));
        var logs = new Verb("logs", "What a feed landed, refused and failed at: offsets, commits, errors in full", "etl feeds logs trucks/land_truck_telemetry --follow") { FeedArgument, FollowOption, MaxOption };
        logs.SetAction(Invocation.Of((invocation, parsed, cancel) => LogsAsync(invocation, parsed.GetValue(FeedArgument)!, parsed.GetValue(MaxOption), parsed.GetValue(FollowOption), cancel)));
        return new Verb("feeds", "Feeds of `etl up`: list, logs, pause, resume", "etl feeds list") { list, logs, pause, resume };
    }

    private static async Task<int> ListAsync(Invocation invocation, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var known = (await engine.Metadata.Feeds.ListAsync(cancel)).ToDictionary(feed => feed.Feed, StringComparer.Ordinal);
        var feeds = Names.Select(name => known.GetValueOrDefault(name) ?? new(name, FeedState.Stopped, 0, DateTimeOffset.UnixEpoch, 0, null, null, 0, "", null)).ToList();
        invocation.Terminal.Answer(feeds.Select(feed => new { feed.Feed, feed.State, feed.Landers, feed.Since, feed.Landed, LagSeconds = feed.Lag?.TotalSeconds, feed.LagAt, feed.Failures, feed.LastError, feed.ErrorAt }), people =>
        {
            var table = Terminal.NewTable("feed", "state", "landed by", "landed", "behind by", "last error");
            foreach (int column in (int[])[3, 4]) table.Columns[column].RightAligned();
            foreach (var feed in feeds)
                table.AddRow(feed.Feed, Word(feed.State), Markup.Escape(Landers(feed)), $"{feed.Landed:N0}", feed.Lag is { } lag ? $"{lag.TotalSeconds:0.0} s" : "–", Markup.Escape(feed.ErrorAt is { } at ? $"{RowsView.Text(at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerSecond)))} {(feed.LastError.Length <= ErrorShown ? feed.LastError : feed.LastError[..(ErrorShown - 1)] + "…")}" : ""));
            people.Write(table);
        });
        return ExitCodes.Ok;
    }

    private static Task<int> LogsAsync(Invocation invocation, string feed, int max, bool follow, CancellationToken cancel)
    {
        MustBeFeed(feed);
        if (max is < 1 or > IFeedLog.StoriesKept) throw new UsageException($"--max: found {max}, expected 1 to {IFeedLog.StoriesKept}");
        var report = new FeedLogReport(invocation, feed, max);
        return follow ? report.FollowAsync(cancel) : report.ShowAsync(cancel);
    }

    private static void MustBeFeed(string feed)
    {
        if (!Names.Contains(feed, StringComparer.Ordinal)) throw new NotFoundException($"found no feed \"{feed}\", expected one of: {string.Join(", ", Names)}");
    }

    private static async Task<int> PauseAsync(Invocation invocation, string feed, bool paused, CancellationToken cancel)
    {
        MustBeFeed(feed);
        var engine = await invocation.OpenKnownAsync(cancel);
        await engine.Metadata.Feeds.PauseAsync(feed, paused, cancel);
        invocation.Terminal.Answer(new { Feed = feed, Paused = paused }, people => people.MarkupLine(paused ? $"{feed} is [yellow]paused[/] for `etl up`; `etl feeds resume {feed}` goes on" : $"{feed} goes on"));
        return ExitCodes.Ok;
    }

    /// <summary>Each process with its partitions, where there are several.</summary>
    private static string Landers(FeedStatus feed) => string.Join('\n', feed.Landers.Select(lander => $"{(lander.Worker.Length > 0 ? lander.Worker : $"token {lander.Token}")}{(feed.Landers.Count > 1 ? $": {(lander.Partitions.Count > 0 ? string.Join(", ", lander.Partitions) : "none")}" : "")}"));

    private static string Word(FeedState state) => state switch
    {
        FeedState.Running => "[green]running[/]",
        FeedState.BackingOff => "[red]backing off[/]",
        FeedState.Paused => "[yellow]paused[/]",
        _ => "[grey]stopped[/]",
    };
}

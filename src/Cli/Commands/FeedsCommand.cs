using System.CommandLine;
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

    private static IEnumerable<string> Names => Composition.Dags.SelectMany(dag => dag.Steps).OfType<LandStep>().Select(step => step.FullName);

    public static Command New()
    {
        var list = new Verb("list", "Every feed with its state, lag and last error", "etl feeds list");
        list.SetAction(Invocation.Of((invocation, _, cancel) => ListAsync(invocation, cancel)));
        var pause = new Verb("pause", "Land no more of a topic: whoever lands it now stops within 20 s", "etl feeds pause trucks/land_truck_telemetry") { FeedArgument };
        pause.SetAction(Invocation.Of((invocation, parsed, cancel) => PauseAsync(invocation, parsed.GetValue(FeedArgument)!, true, cancel)));
        var resume = new Verb("resume", "Land a topic again, from where it stood", "etl feeds resume trucks/land_truck_telemetry") { FeedArgument };
        resume.SetAction(Invocation.Of((invocation, parsed, cancel) => PauseAsync(invocation, parsed.GetValue(FeedArgument)!, false, cancel)));
        return new Verb("feeds", "Feeds of `etl up`: list, pause, resume", "etl feeds list") { list, pause, resume };
    }

    private static async Task<int> ListAsync(Invocation invocation, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var known = (await engine.Metadata.Feeds.ListAsync(cancel)).ToDictionary(feed => feed.Feed, StringComparer.Ordinal);
        var feeds = Names.Select(name => known.GetValueOrDefault(name) ?? new(name, FeedState.Stopped, 0, DateTimeOffset.UnixEpoch, 0, null, null, 0, "", null)).ToList();
        invocation.Terminal.Answer(feeds.Select(feed => new { feed.Feed, feed.State, feed.Since, feed.Landed, LagSeconds = feed.Lag?.TotalSeconds, feed.LagAt, feed.Failures, feed.LastError, feed.ErrorAt }), people =>
        {
            var table = Terminal.NewTable("feed", "state", "landed", "behind by", "last error");
            foreach (int column in (int[])[2, 3]) table.Columns[column].RightAligned();
            foreach (var feed in feeds)
                table.AddRow(feed.Feed, Word(feed.State), $"{feed.Landed:N0}", feed.Lag is { } lag ? $"{lag.TotalSeconds:0.0} s" : "–", Markup.Escape(feed.ErrorAt is { } at ? $"{RowsView.Text(at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerSecond)))} {(feed.LastError.Length <= ErrorShown ? feed.LastError : feed.LastError[..(ErrorShown - 1)] + "…")}" : ""));
            people.Write(table);
        });
        return ExitCodes.Ok;
    }

    private static async Task<int> PauseAsync(Invocation invocation, string feed, bool paused, CancellationToken cancel)
    {
        if (!Names.Contains(feed, StringComparer.Ordinal)) throw new NotFoundException($"found no feed \"{feed}\", expected one of: {string.Join(", ", Names)}");
        var engine = await invocation.OpenKnownAsync(cancel);
        await engine.Metadata.Feeds.PauseAsync(feed, paused, cancel);
        invocation.Terminal.Answer(new { Feed = feed, Paused = paused }, people => people.MarkupLine(paused ? $"{feed} is [yellow]paused[/] for `etl up`; `etl feeds resume {feed}` goes on" : $"{feed} goes on"));
        return ExitCodes.Ok;
    }

    private static string Word(FeedState state) => state switch
    {
        FeedState.Running => "[green]running[/]",
        FeedState.BackingOff => "[red]backing off[/]",
        FeedState.Paused => "[yellow]paused[/]",
        _ => "[grey]stopped[/]",
    };
}

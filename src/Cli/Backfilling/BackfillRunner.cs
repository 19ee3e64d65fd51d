using Etl.Cli.Commands;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Service;
using Spectre.Console;

namespace Etl.Cli.Backfilling;

/// <summary>Waits for a backfill's end: beside the `etl up` that has the folder, or doing the work itself where nobody has it.</summary>
internal sealed class BackfillRunner(Invocation invocation, Engine engine)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <returns>The backfill as it stands: ended, or paused by somebody.</returns>
    public async Task<Backfill> WaitAsync(Backfill backfill, CancellationToken cancel)
    {
        if (!invocation.Folder.IsOwner) return await FollowAsync(backfill, cancel);
        var topics = await invocation.OpenTopicsAsync(cancel);
        await invocation.OpenWorkAsync(cancel);
        await using var polls = await PollAccess.OpenAsync(invocation.Settings.Weather, topics, engine.Metadata.Sources, invocation.Clock, cancel);
        engine.Jobs.Polls = polls;
        var products = Composition.WithFed(RunCommand.Find(backfill.Dag));
        foreach (var product in products) await topics.DeclareAsync(product, cancel);
        var node = NodeHost.New(products, engine, topics, invocation.Clock, new() { Roles = Roles.Worker | Roles.Feeds, FeedEvery = TimeSpan.FromMilliseconds(500), CodeVersion = NodeHost.CodeVersion });
        node.Said += message => invocation.Terminal.Note($"[yellow]{Markup.Escape(message)}[/]");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var working = node.RunAsync(stop.Token);
        try { return await FollowAsync(backfill, cancel); }
        finally
        {
            await stop.CancelAsync();
            await working;
        }
    }

    private async Task<Backfill> FollowAsync(Backfill backfill, CancellationToken cancel)
    {
        using var progress = new ProgressLine(invocation.Terminal, $"backfill {backfill.Id} of {backfill.Dag}");
        while (true)
        {
            backfill = await engine.Metadata.Backfills.FindAsync(backfill.Id, cancel) ?? backfill;
            if (backfill.IsEnded || (backfill is { State: BackfillState.Paused, UnderWay: 0 })) return backfill;
            progress.Report(BackfillView.Progress(backfill, invocation.Clock.GetUtcNow()));
            await Task.Delay(LookEvery, invocation.Clock, cancel);
        }
    }
}

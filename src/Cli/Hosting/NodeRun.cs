using Etl.Cli.Output;
using Etl.Cli.Triggering;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Service;
using Spectre.Console;

namespace Etl.Cli.Hosting;

/// <summary>One run of one DAG by a node of this process, which ends with it: what `etl up` does, for a moment.</summary>
internal static class NodeRun
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private static readonly NodeOptions Options = new()
    {
        Roles = Roles.Worker | Roles.Feeds, FeedEvery = TimeSpan.FromMilliseconds(100), TellEvery = TimeSpan.FromMilliseconds(250), CodeVersion = NodeHost.CodeVersion,
    };

    /// <param name="onWork">Told what was done so far.</param>
    /// <returns>The run as it ended, whoever carried it out, and what this process did for it.</returns>
    /// <exception cref="ConflictException">The DAG is paused.</exception>
    public static async Task<(Run Run, NodeWork Work)> RunAsync(
        Engine engine, TopicAccess topics, Product product, string reason, TimeProvider clock, Terminal terminal, Action<NodeWork> onWork, CancellationToken cancel)
    {
        string dag = product.Dag.Name;
        if ((await engine.Metadata.Runs.StatusAsync(dag, cancel)).IsPaused) throw new ConflictException($"{dag} is paused: nobody would take its run; `etl dag resume {dag}` first");
        var run = await RunFollower.RecordAsync(engine, product.Dag, null, reason, clock.GetUtcNow(), cancel);
        var node = NodeHost.New([product], engine, topics, clock, Options);
        var (total, ended) = (new NodeWork(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        node.Said += message => terminal.Note($"[yellow]{Markup.Escape(message)}[/]");
        node.Worked += (_, work) =>
        {
            total.Add(work);
            onWork(total);
        };
        node.Ended += (other, _) => { if (other.Id == run.Id) ended.TrySetResult(); };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var working = node.RunAsync(stop.Token);
        try
        {
            while (!run.IsEnded && !working.IsCompleted)
            {
                await Task.WhenAny(ended.Task, working, Task.Delay(LookEvery, clock, cancel)); // another process may end it
                cancel.ThrowIfCancellationRequested();
                run = await engine.Metadata.Runs.FindAsync(run.Id, cancel) ?? run;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await working;
        }
        return (run, total);
    }
}

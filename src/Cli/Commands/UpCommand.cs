using System.CommandLine;
using Etl.Cli.Backfilling;
using Etl.Cli.Dags;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Service;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Serves the embedded broker and registry in the foreground, and runs every DAG by itself, until it is stopped.</summary>
internal static class UpCommand
{
    private static readonly string RoleNames = string.Join(", ", Enum.GetValues<Roles>().Where(role => role is not (Roles.None or Roles.All)).Select(role => role.ToString().ToLowerInvariant()));

    private static readonly Option<double> EveryOption = new("--every") { Description = "Seconds between two looks for new events, 0.1 to 3,600", DefaultValueFactory = _ => 2, HelpName = "S" };
    private static readonly Option<string> RolesOption = new("--roles") { Description = $"What this process does, of: {RoleNames} (default: all)", DefaultValueFactory = _ => "all", HelpName = "ROLES" };

    public static Command New()
    {
        var command = new Verb("up", "Serve the embedded broker and registry, and run every DAG by its schedule and as events come, until Ctrl-C", "etl up --roles scheduler,worker,feeds") { EveryOption, RolesOption };
        command.SetAction(Invocation.Of((invocation, parsed, cancel) => RunAsync(invocation, parsed.GetValue(EveryOption), RolesOf(parsed.GetValue(RolesOption)!), cancel)));
        return command;
    }

    /// <exception cref="UsageException">One of them is no role.</exception>
    internal static Roles RolesOf(string text)
    {
        var roles = Roles.None;
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            roles |= Enum.TryParse<Roles>(name, ignoreCase: true, out var role) && role != Roles.None && !char.IsAsciiDigit(name[0]) ? role
                : throw new UsageException($"--roles: found \"{name}\", expected some of: {RoleNames}, or all");
        return roles != Roles.None ? roles : throw new UsageException($"--roles: found none, expected some of: {RoleNames}, or all");
    }

    private static async Task<int> RunAsync(Invocation invocation, double seconds, Roles roles, CancellationToken cancel)
    {
        if (!(seconds >= 0.1 && seconds <= 3_600)) throw new UsageException($"--every: found {seconds}, expected 0.1 to 3,600 seconds");
        if (roles == Roles.All || !invocation.Folder.IsOwner && invocation.Folder.Serving() is null) invocation.MustOwnFolder("up"); // one that does some things only may join the one that serves
        var topics = await invocation.OpenTopicsAsync(cancel);
        var engine = await invocation.OpenWorkAsync(cancel);
        var terminal = invocation.Terminal;
        IReadOnlyList<RefusedDag> refused = [.. Composition.Refused, .. engine.RefusedBySql()];
        IReadOnlyList<Product> products = [.. Composition.Products.Where(product => refused.All(wrong => wrong.Dag != product.Dag.Name))];
        var node = NodeHost.New(products, engine, topics, invocation.Clock, new() { Roles = roles, FeedEvery = TimeSpan.FromSeconds(seconds), CodeVersion = NodeHost.CodeVersion, LogsFor = TimeSpan.FromDays(invocation.Settings.Retention.LogDays), RunsFor = TimeSpan.FromDays(invocation.Settings.Retention.RunDays) });
        // The page shows DAGs and runs while sources and topics are reached.
        var opening = roles.HasFlag(Roles.Page)
            ? Task.Run(() => PageHost.StartAsync([.. products.Select(product => product.Dag)], engine.Metadata, invocation.Clock, invocation.Settings.Page.Port, node.RunsCame, node.Say, cancel), cancel) : null;
        await using var closing = new Closing(opening);
        await using var polls = await PollAccess.OpenAsync(invocation.Settings.Weather, topics, engine.Metadata.Sources, invocation.Clock, cancel);
        engine.Jobs.Polls = polls;
        foreach (var product in products) await topics.DeclareAsync(product, cancel);
        terminal.Say($"[green]up[/]  Kafka {topics.Servers.Kafka}  registry {topics.Servers.Registry}  data {Markup.Escape(invocation.Folder.Path)}");
        terminal.Say($"topics: {string.Join(", ", products.SelectMany(product => product.Topics).Select(topic => topic.Name))}; Ctrl-C stops");
        foreach (string warning in invocation.Settings.Warnings()) terminal.Say($"[yellow]•[/] {Markup.Escape(warning)}");
        foreach (var wrong in refused) terminal.Say($"[red]✗[/] {Markup.Escape(wrong.ToString())}; the others run");
        void Say(string line) => terminal.Say($"{invocation.Clock.GetLocalNow():HH:mm:ss}  {line}");
        node.Said += message => Say($"[yellow]{Markup.Escape(message)}[/]");
        node.Fired += run => Say($"{run.Dag}: run {run.Id}, {Markup.Escape(run.Reason)}");
        node.Ended += (run, end) => Say(Ended(run, end));
        node.Backfilled += backfill => Say($"{backfill.Dag}: backfill {backfill.Id} {BackfillView.Word(backfill.State)}, {backfill.Windows:N0} windows{(backfill.Reason.Length > 0 ? $" ({Markup.Escape(backfill.Reason)})" : "")}");
        node.Worked += (dag, work) => Say($"{dag.Name}: {Sum(work)}");
        var page = opening is null ? null : await opening;
        if (page is not null)
        {
            terminal.Say($"DAGs: {page.Address}");
            node.Fired += _ => page.Mirror.Wake.Ring();
            node.Ended += (_, _) => page.Mirror.Wake.Ring();
        }
        await node.RunAsync(cancel);
        if (invocation.IsFaulted) cancel.ThrowIfCancellationRequested();
        terminal.Say("stopped; nothing is lost");
        return ExitCodes.Ok;
    }

    /// <summary>Closes the page, also where the call ends before it was awaited.</summary>
    private sealed class Closing(Task<PageHost>? opening) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (opening is null) return;
            await opening.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (opening.IsCompletedSuccessfully) await (await opening).DisposeAsync();
        }
    }

    private static string Ended(Run run, RunEnd end) => end.State == RunState.Done
        ? $"{run.Dag}: run {run.Id} [green]done[/], {end.Windows:N0} windows, {end.Rows:N0} rows"
        : $"{run.Dag}: run {run.Id} [red]failed[/]: {Markup.Escape(end.Reason)}";

    private static string Sum(NodeWork work)
    {
        (long Count, string Word)[] parts = [(work.Fetched, "fetched"), (work.Landed, "landed"), (work.Rejected, "[yellow]rejected[/]"), (work.Built, "built"), (work.Checked, "checked"), (work.Published, "published"), (work.Failed, "[red]failed[/]")];
        return string.Join(", ", parts.Where(part => part.Count > 0).Select(part => $"{part.Count:N0} {part.Word}"));
    }
}

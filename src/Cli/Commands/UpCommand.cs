using System.CommandLine;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Contracts;
using Etl.Scheduler.Running;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Serves the embedded broker and registry in the foreground, and lands, builds and publishes as events come, until it is stopped.</summary>
internal static class UpCommand
{
    private static readonly Option<double> EveryOption = new("--every") { Description = "Seconds between two looks for new events", DefaultValueFactory = _ => 2, HelpName = "S" };

    public static Command New()
    {
        var command = new Verb("up", "Serve the embedded broker and registry, and run every DAG as events come, until Ctrl-C", "etl up --every 5") { EveryOption };
        command.SetAction(Invocation.Of((invocation, parsed, cancel) => RunAsync(invocation, parsed.GetValue(EveryOption), cancel)));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, double seconds, CancellationToken cancel)
    {
        if (!(seconds >= 0.1 && seconds <= 3_600)) throw new UsageException($"--every: found {seconds}, expected 0.1 to 3,600 seconds");
        invocation.MustOwnFolder("up");
        var topics = await invocation.OpenTopicsAsync(cancel);
        var engine = await invocation.OpenWorkAsync(cancel);
        await using var polls = await PollAccess.OpenAsync(new WeatherSettings(), topics, invocation.Clock, cancel);
        engine.Jobs.Polls = polls;
        foreach (var product in Composition.Products) await topics.DeclareAsync(product, cancel);
        var terminal = invocation.Terminal;
        terminal.Say($"[green]up[/]  Kafka {topics.Servers.Kafka}  registry {topics.Servers.Registry}  data {Markup.Escape(invocation.Folder.Path)}");
        terminal.Say($"topics: {string.Join(", ", Composition.Products.SelectMany(product => product.Topics).Select(topic => topic.Name))}; Ctrl-C stops");
        try
        {
            while (true)
            {
                foreach (var product in Composition.Products) await PassAsync(invocation, topics, engine, product, cancel);
                await Task.Delay(TimeSpan.FromSeconds(seconds), invocation.Clock, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            terminal.Say("stopped; nothing is lost");
            return ExitCodes.Ok;
        }
    }

    private static async Task PassAsync(Invocation invocation, TopicAccess topics, Engine engine, Product product, CancellationToken cancel)
    {
        try
        {
            var report = await engine.NewRun(invocation.Clock).RunAsync(product.Dag, topics.FeedsOf(product, engine, invocation.Clock), null, cancel);
            if (report.Read + report.Built + report.Published > 0 || report.Halts.Any())
                invocation.Terminal.Say($"{invocation.Clock.GetLocalNow():HH:mm:ss}  {product.Dag.Name}: {RunCommand.Sum(report)}{(report.Rejected > 0 ? $", [yellow]{report.Rejected:N0} rejected[/]" : "")}");
        }
        catch (StoreException error) when (error.IsTransient)
        {
            invocation.Terminal.Say($"{invocation.Clock.GetLocalNow():HH:mm:ss}  {product.Dag.Name}: [yellow]waits[/], {Markup.Escape(error.Message)}");
        }
    }
}

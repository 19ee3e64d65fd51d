using Etl.Cli.Commands;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Simulation;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Trucks;
using Etl.Sources.Trucks;
using Spectre.Console;

namespace Etl.Cli.Demo;

/// <summary>Three days of twenty trucks through the whole pipeline. Run again, it finds its work done.</summary>
internal static class DemoRun
{
    public const int Trucks = 20;
    public const int Days = 3;

    /// <summary>A date before today on every clock, so that all its windows are closed.</summary>
    public static DateOnly FirstDay { get; } = new(2026, 3, 1);

    public static TruckSimulatorOptions Fleet
    {
        get
        {
            var calendar = new TrucksDag().Define().Calendar;
            return new() { Trucks = Trucks, Start = calendar.Day(FirstDay).Start, End = calendar.Day(FirstDay.AddDays(Days)).Start };
        }
    }

    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancel)
    {
        long started = invocation.Clock.GetTimestamp();
        var terminal = invocation.Terminal;
        var product = RunCommand.Find("trucks");
        var topics = await invocation.OpenTopicsAsync(cancel);
        var engine = await invocation.OpenWorkAsync(cancel);
        engine.MustBeSound(product.Dag);
        terminal.Note(topics.Servers.IsEmbeddedKafka
            ? $"[green]✓[/] embedded broker at {topics.Servers.Kafka}, schema registry at {topics.Servers.Registry}"
            : $"[green]✓[/] Kafka at {topics.Servers.Kafka}, schema registry at {topics.Servers.Registry}");
        await topics.DeclareAsync(product, cancel);

        using var making = new ProgressLine(terminal, "simulate");
        var made = await TruckProduction.RunAsync(topics, Fleet, double.PositiveInfinity, invocation.Clock, making, cancel);
        making.End(made.ToString());

        using var running = new ProgressLine(terminal, "run");
        var (run, work) = await NodeRun.RunAsync(engine, topics, product, "the demo", invocation.Clock, terminal,
            now => running.Report($"{now.Landed:N0} landed, {now.Built:N0} built, {now.Published:N0} published"), cancel);
        running.End($"{run.Id} of {run.Dag} {run.State.ToString().ToLowerInvariant()}: {work.Landed:N0} events landed in the lake, {work.Built:N0} windows built, {work.Checked:N0} checked, {work.Published:N0} published");
        if (run.State != RunState.Done) terminal.Say($"[red]run {run.Id} {run.State.ToString().ToLowerInvariant()}[/]: {Markup.Escape(run.Reason)}");

        double seconds = invocation.Clock.GetElapsedTime(started).TotalSeconds;
        var summary = await DemoReport.MakeAsync(invocation, topics, engine, product.Dag, run, work, seconds, cancel);
        terminal.Answer(summary.Document, people => summary.Draw(people));
        return run.State == RunState.Done ? ExitCodes.Ok : work.Built + work.Published > 0 ? ExitCodes.DoneInPart : ExitCodes.WorkFailed;
    }
}

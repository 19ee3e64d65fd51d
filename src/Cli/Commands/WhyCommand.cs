using System.CommandLine;
using Etl.Cli.Settings;
using Etl.Cli.Why;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Commands;

/// <summary>How a window came about: state, version, inputs with the commits that changed them, SQL, attempts, what sinks hold.</summary>
internal static class WhyCommand
{
    private static readonly Argument<string> DatasetArgument = new("dataset") { Description = "A result or dataset, e.g. truck_hourly" };
    private static readonly Argument<string> WindowArgument = new("window") { Description = "2026-03-01T06:00Z for an hour, 2026-03-01 for a day of the DAG's zone" };

    public static Command New()
    {
        var command = new Verb("why", "How a window of a dataset came about, or what it waits for", "etl why truck_hourly 2026-03-01T06:00Z") { DatasetArgument, WindowArgument };
        command.SetAction(Invocation.Of((invocation, parsed, cancel) => RunAsync(invocation, parsed.GetValue(DatasetArgument)!, parsed.GetValue(WindowArgument)!, cancel)));
        return command;
    }

    /// <summary>The step that fills a dataset.</summary>
    /// <exception cref="NotFoundException">No DAG has it.</exception>
    public static DatasetStep Find(string dataset)
    {
        var steps = Composition.Dags.SelectMany(dag => dag.Steps).OfType<DatasetStep>().ToList();
        return steps.FirstOrDefault(step => step.Dataset == dataset) ?? throw new NotFoundException($"found no dataset {dataset} in any DAG, expected one of: {string.Join(", ", steps.Select(known => known.Dataset))}");
    }

    private static async Task<int> RunAsync(Invocation invocation, string dataset, string text, CancellationToken cancel)
    {
        var step = Find(dataset);
        var window = WindowText.Parse(text, step is BuildStep of ? of.Grain : Grain.Hour, step.Dag.Calendar, dataset);
        var engine = await invocation.OpenKnownAsync(cancel);
        var report = new WhyReport(engine, step.Dag);
        var document = step is BuildStep build ? await report.OfResultAsync(build, window, cancel) : await report.OfEventsAsync((LandStep)step, window, cancel);
        invocation.Terminal.Answer(document, people => people.Write(WhyView.Draw(document)));
        return ExitCodes.Ok;
    }
}

using System.CommandLine;
using Etl.Cli.Settings;
using Etl.Cli.Triggering;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;

namespace Etl.Cli.Commands;

/// <summary>Runs all that is due of one DAG and ends.</summary>
internal static class RunCommand
{
    private static readonly Argument<string> DagArgument = new("dag") { Description = $"One of: {string.Join(", ", Composition.Dags.Select(dag => dag.Name))}" };

    public static Command New()
    {
        var command = new Verb("run", "Fetch and land what has come, then build, check and publish what is due", "etl run trucks") { DagArgument };
        command.SetAction(Invocation.Of(async (invocation, parsed, cancel) =>
        {
            var product = Find(parsed.GetValue(DagArgument)!);
            var trigger = new DagTrigger(invocation, product);
            var report = await trigger.RunAsync(product.Dag.Schedule == Schedule.Manual ? null : trigger.Read(new Dictionary<string, string>()), wait: true, "run", cancel);
            report.Answer(invocation.Terminal);
            return report.Code;
        }));
        return command;
    }

    public static Product Find(string dag) => Composition.Products.FirstOrDefault(product => product.Dag.Name == dag)
        ?? throw (Composition.Refused.FirstOrDefault(refused => refused.Dag == dag) is { } wrong ? new UsageException(wrong.ToString()) : Unknown(dag));

    private static NotFoundException Unknown(string dag) => new($"found no DAG \"{dag}\", expected one of: {string.Join(", ", Composition.Dags.Select(known => known.Name))}");

    public static string Sum(RunReport report) => $"{(report.Polled > 0 ? $"{report.Polled:N0} days fetched, " : "")}{report.Landed:N0} landed, {report.Built:N0} built, {report.Published:N0} published";
}

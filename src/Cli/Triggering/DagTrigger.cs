using Etl.Cli.Commands;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Parameters;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;
using Etl.Topics;

namespace Etl.Cli.Triggering;

/// <summary>Calls a DAG: puts what it asks of its sources into the ledger, and runs it and the DAGs it feeds until nothing is due.</summary>
internal sealed class DagTrigger(Invocation invocation, Product product)
{
    /// <summary>The reason of what somebody asked for.</summary>
    public const string Triggered = "triggered";

    private readonly IReadOnlyList<Product> _products = Composition.WithFed(product);

    /// <exception cref="UsageException">The arguments are not good; all that is wrong is listed.</exception>
    public DagCall? Read(IReadOnlyDictionary<string, string> texts)
    {
        if (product.Dag.Arguments is not { } arguments)
            return texts.Count == 0 ? null : throw new UsageException($"{product.Dag.Name} takes no parameters, found {string.Join(", ", texts.Keys)}");
        return arguments.Read(product.Dag, texts, invocation.Clock.GetUtcNow(), out var faults)
            ?? throw CallTexts.Faulty(product.Dag.Name, faults);
    }

    /// <param name="call">null for a DAG without arguments.</param>
    /// <param name="wait">Whether to run it here until nothing is due; else it is left to `etl up` or the next run.</param>
    public async Task<TriggerReport> RunAsync(DagCall? call, bool wait, string reason, CancellationToken cancel)
    {
        (await invocation.OpenEngineAsync(cancel)).MustBeSound(product.Dag);
        var topics = await invocation.OpenTopicsAsync(cancel);
        await MeetTopicsAsync(topics, cancel);
        var engine = await invocation.OpenWorkAsync(cancel);
        await using var polls = await PollAccess.OpenAsync(invocation.Settings.Weather, topics, engine.Metadata.Sources, invocation.Clock, cancel);
        engine.Jobs.Polls = polls;
        using var progress = new ProgressLine(invocation.Terminal, $"run {product.Dag.Name}");
        if (!wait)
        {
            var asked = await PlanAsync(engine, call, reason, cancel);
            var recorded = reason == Triggered ? await RunFollower.RecordAsync(engine, product.Dag, call, reason, invocation.Clock.GetUtcNow(), cancel) : null;
            return new(product.Dag, call, asked, [], polls.Weather, wait, progress.Elapsed) { Run = recorded };
        }
        TriggerReport? report = null;
        var run = await new CalledRun(engine.Metadata, invocation.Clock).RunAsync(product.Dag.Name, RunFollower.Planned(call, reason, invocation.Clock.GetUtcNow()), async run =>
        {
            var planned = await PlanAsync(engine, call, $"run {run.Id}, manual", cancel);
            var runs = new List<RunReport>();
            foreach (var each in _products)
                runs.Add(await engine.NewRun(invocation.Clock).RunAsync(each.Dag, topics.FeedsOf(each, engine, invocation.Clock), now => progress.Report(RunCommand.Sum(now)), cancel));
            report = new(product.Dag, call, planned, runs, polls.Weather, wait, progress.Elapsed);
            return report.End.Reason.Length > 0 ? report.End : report.End with { Reason = reason };
        }, cancel);
        return report! with { Run = run };
    }

    private static async Task<PollsPlanned?> PlanAsync(Engine engine, DagCall? call, string reason, CancellationToken cancel) =>
        call is null ? null : await new PollPlanning(engine.Metadata.Ledger).RunAsync(call, call.Again ? Lane.Live : Lane.Backfill, reason, cancel);

    /// <summary>A DAG that fetches its events makes its topics; one whose events others send expects them to be there.</summary>
    private async Task MeetTopicsAsync(TopicAccess topics, CancellationToken cancel)
    {
        using var admin = new TopicAdmin(topics.Kafka);
        foreach (var each in _products)
        {
            if (each.Dag.Steps.OfType<LandStep>().All(land => land.FedBy.Count > 0)) await topics.DeclareAsync(each, cancel);
            else
                foreach (var topic in each.Topics)
                    if (await admin.FindAsync(topic.Name, cancel) is null)
                        throw new NotFoundException($"topic {topic.Name} is not there at {topics.Kafka.BootstrapServers}; make it with `etl topic create {topic.Name}`, or make events with `etl simulate {each.Dag.Name}`");
        }
    }
}

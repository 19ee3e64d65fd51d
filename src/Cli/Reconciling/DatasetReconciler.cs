using Etl.Cli.Hosting;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Reconciling;
using Etl.Topics;

namespace Etl.Cli.Reconciling;

/// <summary>Reconciles a dataset with all that stands before and behind it: events with their topic; a result with its sinks, and the events that it comes from with their topic.</summary>
internal sealed class DatasetReconciler(Engine engine)
{
    /// <summary>Rejects of a dataset that are looked at: records of the topic that the lake has for good reason not.</summary>
    private const int RejectsMax = 1_000_000;

    public async Task<ReconcileDocument> RunAsync(DatasetStep step, WindowCalendar calendar, DateTimeOffset from, DateTimeOffset to, bool withRows, TopicAccess topics, CancellationToken cancel)
    {
        long asOf = await engine.Metadata.Commits.HeadAsync(cancel);
        var parts = new List<Reconciliation>();
        var events = step;
        while (events is BuildStep of) events = of.From;
        parts.Add(await EventsAsync((LandStep)events, [.. WindowCalendar.Of("UTC").Between(Grain.Hour, from, to)], asOf, topics, cancel));
        if (step is BuildStep build)
        {
            var places = build.Dag.Steps.OfType<PublishStep>().Where(publish => publish.Of == build).Select(publish => (Sink: engine.Sinks.FirstOrDefault(sink => sink.Name == publish.Sink), publish.Table)).Where(place => place.Sink is not null);
            parts.Add(await new ResultReconciler(engine.Lake, build, [.. places.Select(place => (place.Sink!, place.Table))]).RunAsync([.. calendar.Between(build.Grain, from, to)], asOf, withRows, cancel));
        }
        return ReconcileDocument.Of(step.Dataset, asOf, parts);
    }

    private async Task<Reconciliation> EventsAsync(LandStep land, IReadOnlyList<Window> hours, long asOf, TopicAccess topics, CancellationToken cancel)
    {
        var catalog = engine.Metadata.Catalog;
        var progress = await catalog.ProgressAsync(land.Topic, cancel);
        if (progress.Count == 0) return new(land.Dataset, [$"topic {land.Topic}"], 0, 0, [], [$"topic {land.Topic}: nothing of it has landed"]);
        var rejected = (await catalog.RejectsAsync(land.Dataset, RejectsMax, cancel)).Where(reject => reject.Reject.Generation == progress[0].Generation).Select(reject => (reject.Reject.Partition, reject.Reject.Offset)).ToHashSet();
        string declared = Composition.Products.Single(product => product.Dag == land.Dag).Topics.First(topic => topic.Name == land.Topic).Schema;
        using var admin = new TopicAdmin(topics.Kafka);
        return await new EventReconciler(land, declared, engine.Lake, new(progress, await catalog.SchemasAsync(land.Dataset, cancel), rejected), topics.Kafka, admin, topics.Schemas, engine.Settings.Land.Options).RunAsync(hours, asOf, cancel);
    }
}

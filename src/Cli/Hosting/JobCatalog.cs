using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Lake;
using Etl.Scheduler.Running;
using Etl.Sinks;

namespace Etl.Cli.Hosting;

/// <summary>Makes each step's job from the parts of this process.</summary>
public sealed class JobCatalog(IReadOnlyList<Product> products, ParquetLake lake, IPublishLog publishes, IReadOnlyList<ISink> sinks) : IJobCatalog
{
    private readonly Dictionary<Dag, Product> _products = products.ToDictionary(product => product.Dag);

    /// <summary>What polls run with; without it (no topics were opened) none runs here.</summary>
    public PollAccess? Polls { get; set; }

    public IJob? JobOf(Step step) => step switch
    {
        PollStep poll => Polls?.JobOf(poll),
        BuildStep build => new Build(lake, build, SqlOf(build, build.SqlName)),
        CheckStep check => new Check(lake, check, SqlOf(check, check.SqlName)),
        PublishStep publish => sinks.FirstOrDefault(sink => sink.Name == publish.Sink) is { } sink ? new Publish(lake, publishes, sink, publish) : null,
        _ => null,
    };

    public async ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => step switch
    {
        BuildStep build => await lake.DigestAsync(SqlOf(build, build.SqlName), build.Key, [LakeInputs.Of(build.From)], window, cancel),
        CheckStep check => await lake.DigestAsync(SqlOf(check, check.SqlName), [], [.. check.Inputs.OfType<DatasetStep>().Select(LakeInputs.Of)], window, cancel),
        _ => "",
    };

    public string SqlOf(Step step, string name) => _products[step.Dag].Sql(name);
}

using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Jobs.Steps.Polling;
using Etl.Sources;
using Etl.Topics;
using Etl.Topics.Registry;

namespace Etl.Tests.Unit.Jobs.Steps;

/// <summary>How a poll ends; what it sends is proven against brokers elsewhere, so none answers here.</summary>
public sealed class PollTests : IDisposable
{
    private readonly FakeSource _source = new();
    private readonly SchemaDirectory _schemas = new(new SchemaDirectoryOptions { Endpoint = new Uri("http://127.0.0.1:1"), CacheFolder = Directory.CreateTempSubdirectory("etl-poll-").FullName });
    private readonly TopicSender _sender;

    public PollTests() => _sender = new(new KafkaOptions { BootstrapServers = "127.0.0.1:1" }, new TopicSchemas(_schemas));

    public void Dispose()
    {
        _sender.Dispose();
        _schemas.Dispose();
    }

    [Fact]
    public async Task A_source_that_asks_for_patience_is_tried_again_then_all_days_of_the_call()
    {
        _source.Trouble = new SourceException(FailureClass.Throttled, "too many", TimeSpan.FromMinutes(3));
        (await RunAsync(Day(1), Day(2))).ShouldBe([new JobResult.RetryIn(TimeSpan.FromMinutes(3), "too many"), new JobResult.RetryIn(TimeSpan.FromMinutes(3), "too many")]);
    }

    [Theory]
    [InlineData(FailureClass.Transient)]
    [InlineData(FailureClass.Contract)]
    [InlineData(FailureClass.Data)]
    public async Task A_source_that_fails_ends_the_days_with_its_class(FailureClass failure)
    {
        _source.Trouble = new SourceException(failure, "no good");
        (await RunAsync(Day(1))).ShouldBe([new JobResult.Failed(failure, "no good")]);
    }

    [Fact]
    public async Task Neighbouring_days_are_one_call_of_key_and_lane()
    {
        await RunAsync(Day(1) with { Lane = Lane.Backfill }, Day(2) with { Lane = Lane.Backfill });
        _source.Asked.ShouldHaveSingleItem().ShouldBe(("Berlin", 2, Lane.Backfill));
    }

    [Fact]
    public async Task A_day_that_comes_as_it_was_is_not_sent_again()
    {
        var first = (await RunAsync(Day(1))).ShouldHaveSingleItem().ShouldBeOfType<JobResult.Done>();
        first.Result.Rows.ShouldBe(0);
        (await RunAsync(Day(1) with { Previous = new(7, first.Result.Checksum, 0, "") })).ShouldBe([new JobResult.Unchanged()]);
        (await RunAsync(Day(1) with { Previous = new(7, "other", 0, "") })).ShouldHaveSingleItem().ShouldBeOfType<JobResult.Done>();
    }

    private ValueTask<IReadOnlyList<JobResult>> RunAsync(params JobContext[] days) => new Poll(_source, _sender).RunAsync(days, default);

    private static JobContext Day(int day) => new() { Window = WindowCalendar.Of("UTC").Day(new(2026, 3, day)), Key = "Berlin", AsOf = 1, Token = 1 };

    private sealed class FakeSource : IPolledSource
    {
        public SourceException? Trouble { get; set; }

        public List<(string Key, int Days, Lane Lane)> Asked { get; } = [];

        public int DaysPerCall => 31;

        public Task<IReadOnlyList<IReadOnlyList<PolledRecord>>> FetchAsync(string key, IReadOnlyList<Window> days, Lane lane, CancellationToken cancel)
        {
            Asked.Add((key, days.Count, lane));
            if (Trouble is not null) throw Trouble;
            return Task.FromResult<IReadOnlyList<IReadOnlyList<PolledRecord>>>([.. days.Select(_ => (IReadOnlyList<PolledRecord>)[])]);
        }
    }
}

using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Etl.Topics;

namespace Etl.Tests.Conformance.Broker;

/// <summary>What Confluent.Kafka needs of a broker, whichever it is.</summary>
public abstract partial class BrokerConformance : IAsyncLifetime
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<string> _topics = [];
    private IAdminClient? _admin;

    protected BrokerConformance() => BundledLibrdkafka.Use();

    /// <summary>Addresses of a running broker; skips the test with a reason if there is none.</summary>
    protected abstract Task<string> StartAsync();

    protected abstract Task StopAsync();

    protected string Servers { get; private set; } = "";

    protected IAdminClient Admin => _admin ??= new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Servers }).Build();

    public async ValueTask InitializeAsync() => Servers = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_topics.Count > 0) await Admin.DeleteTopicsAsync(_topics);
        _admin?.Dispose();
        await StopAsync();
    }

    [Fact]
    public async Task A_created_topic_is_listed_and_described()
    {
        string topic = await CreateAsync(partitions: 3);
        var found = await SettledAsync(() => Task.FromResult(Admin.GetMetadata(topic, Patience).Topics.ShouldHaveSingleItem() is { Error.IsError: false, Partitions.Count: 3 } known
            ? known : throw new KafkaException(ErrorCode.Local_State)));
        found.Partitions.Select(partition => partition.PartitionId).Order().ShouldBe([0, 1, 2]);
        var described = await SettledAsync(() => Admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic])));
        described.TopicDescriptions.ShouldHaveSingleItem().TopicId.ToString().ShouldNotBe(new Uuid(0, 0).ToString());
    }

    [Fact]
    public async Task A_topic_that_exists_is_not_made_again()
    {
        string topic = await CreateAsync();
        var error = await Should.ThrowAsync<CreateTopicsException>(() => Admin.CreateTopicsAsync([new() { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }]));
        error.Results.ShouldHaveSingleItem().Error.Code.ShouldBe(ErrorCode.TopicAlreadyExists);
    }

    [Theory]
    [InlineData("bad name", 1, 1, ErrorCode.TopicException)]
    [InlineData("good-name", 0, 1, ErrorCode.InvalidPartitions)]
    [InlineData("good-name", 1, 7, ErrorCode.InvalidReplicationFactor)]
    public async Task A_topic_that_cannot_be_is_refused(string name, int partitions, short replicas, ErrorCode expected)
    {
        var error = await Should.ThrowAsync<CreateTopicsException>(() => Admin.CreateTopicsAsync([new() { Name = name, NumPartitions = partitions, ReplicationFactor = replicas }]));
        error.Results.ShouldHaveSingleItem().Error.Code.ShouldBe(expected);
    }

    [Fact]
    public async Task A_topic_made_again_starts_empty_with_another_id()
    {
        string topic = await CreateAsync();
        await ProduceAsync(topic, 10);
        string first = await IdOfAsync(topic);
        await Admin.DeleteTopicsAsync([topic]);
        await CreateAsync(topic);
        (await IdOfAsync(topic)).ShouldNotBe(first);
        await EndOfAsync(topic, expected: 0);
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task What_an_idempotent_producer_sent_is_read_back_in_order(CompressionType codec)
    {
        string topic = await CreateAsync();
        await ProduceAsync(topic, 1_000, codec);
        var read = Read(topic, from: 0, count: 1_000);
        read.Select(result => result.Offset.Value).ShouldBe(Enumerable.Range(0, 1_000).Select(offset => (long)offset));
        read.Select(result => result.Message.Value).ShouldBe(Enumerable.Range(0, 1_000).Select(ValueOf));
        read[7].Message.Key.ShouldBe("key 7");
        read[7].Message.Timestamp.UnixTimestampMs.ShouldBe(TimeOf(7));
        Encoding.UTF8.GetString(read[7].Message.Headers.GetLastBytes("number")).ShouldBe("7");
    }

    [Fact]
    public async Task A_seek_reads_on_from_there_and_the_end_is_told()
    {
        string topic = await CreateAsync();
        await ProduceAsync(topic, 100);
        using var consumer = Consumer(endOfPartition: true);
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        consumer.Consume(Patience)!.Offset.Value.ShouldBe(0);
        consumer.Seek(new(topic, 0, 97));
        Next(consumer).Offset.Value.ShouldBe(97);
        Next(consumer).Offset.Value.ShouldBe(98);
        Next(consumer).Offset.Value.ShouldBe(99);
        var end = Next(consumer);
        end.IsPartitionEOF.ShouldBeTrue();
        end.Offset.Value.ShouldBe(100);
    }

    [Fact]
    public async Task An_offset_out_of_range_is_an_error_when_there_is_no_reset()
    {
        string topic = await CreateAsync();
        await ProduceAsync(topic, 10);
        using var consumer = Consumer(endOfPartition: false, AutoOffsetReset.Error);
        consumer.Assign(new TopicPartitionOffset(topic, 0, 1_000));
        Should.Throw<ConsumeException>(() => Next(consumer)).Error.Code.ShouldBe(ErrorCode.Local_AutoOffsetReset);
    }

    [Fact]
    public async Task Offsets_are_found_by_time()
    {
        string topic = await CreateAsync();
        await ProduceAsync(topic, 500, CompressionType.Lz4);
        (await OffsetAsync(topic, OffsetSpec.ForTimestamp(TimeOf(123)))).ShouldBe(123);
        (await OffsetAsync(topic, OffsetSpec.ForTimestamp(TimeOf(123) - 1))).ShouldBe(123);
        (await OffsetAsync(topic, OffsetSpec.ForTimestamp(TimeOf(123) + 1))).ShouldBe(124);
        (await OffsetAsync(topic, OffsetSpec.ForTimestamp(0))).ShouldBe(0);
        (await OffsetAsync(topic, OffsetSpec.ForTimestamp(TimeOf(1_000)))).ShouldBe(-1);
        (await OffsetAsync(topic, OffsetSpec.Earliest())).ShouldBe(0);
        (await OffsetAsync(topic, OffsetSpec.Latest())).ShouldBe(500);
        (await OffsetAsync(topic, OffsetSpec.MaxTimestamp())).ShouldBe(499);
    }

    protected async Task<string> CreateAsync(string? name = null, int partitions = 1, Dictionary<string, string>? configs = null)
    {
        string topic = name ?? $"conformance-{Guid.NewGuid():N}";
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await Admin.CreateTopicsAsync([new() { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = configs ?? [] }]);
                break;
            }
            catch (CreateTopicsException error) when (name is not null && attempt < 50 && error.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
            {
                await Task.Delay(100); // Kafka deletes a topic after it has answered
            }
        }
        if (!_topics.Contains(topic)) _topics.Add(topic);
        return topic;
    }

    protected async Task ProduceAsync(string topic, int count, CompressionType codec = CompressionType.None, int first = 0)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Servers, EnableIdempotence = true, CompressionType = codec, LingerMs = 5 }).Build();
        var sent = Enumerable.Range(first, count).Select(number => producer.ProduceAsync(new TopicPartition(topic, 0), MessageOf(number))).ToList();
        var results = await Task.WhenAll(sent);
        results.ShouldAllBe(result => result.Status == PersistenceStatus.Persisted);
    }

    protected static Message<string, string> MessageOf(int number) => new()
    {
        Key = $"key {number}",
        Value = ValueOf(number),
        Timestamp = new Timestamp(TimeOf(number), TimestampType.CreateTime),
        Headers = new() { { "number", Encoding.UTF8.GetBytes($"{number}") } },
    };

    protected static string ValueOf(int number) => $"value {number} {new string('x', number % 50)}";

    protected static long TimeOf(int number) => 1_700_000_000_000 + (number * 1_000L);

    protected IConsumer<string, string> Consumer(bool endOfPartition, AutoOffsetReset reset = AutoOffsetReset.Earliest, string? group = null) =>
        new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = Servers,
            GroupId = group ?? $"conformance-{Guid.NewGuid():N}",
            EnableAutoCommit = false,
            EnablePartitionEof = endOfPartition,
            AutoOffsetReset = reset,
        }).Build();

    protected List<ConsumeResult<string, string>> Read(string topic, long from, int count, int partition = 0)
    {
        using var consumer = Consumer(endOfPartition: false);
        consumer.Assign(new TopicPartitionOffset(topic, partition, from));
        return [.. Enumerable.Range(0, count).Select(_ => Next(consumer))];
    }

    protected static ConsumeResult<string, string> Next(IConsumer<string, string> consumer) => consumer.Consume(Patience).ShouldNotBeNull("nothing came in time");

    protected async Task<long> OffsetAsync(string topic, OffsetSpec spec)
    {
        var result = await Admin.ListOffsetsAsync([new() { TopicPartition = new(topic, 0), OffsetSpec = spec }]);
        return result.ResultInfos.ShouldHaveSingleItem().TopicPartitionOffsetError.Offset.Value;
    }

    private async Task<string> IdOfAsync(string topic) => await SettledAsync(async () =>
        (await Admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]))).TopicDescriptions.ShouldHaveSingleItem().TopicId.ToString());

    private async Task EndOfAsync(string topic, long expected) =>
        (await SettledAsync(() => OffsetAsync(topic, OffsetSpec.Latest()))).ShouldBe(expected);

    // Apache Kafka answers before all of its parts know a new topic.
    private static async Task<T> SettledAsync<T>(Func<Task<T>> ask)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (KafkaException) when (attempt < 50)
            {
                await Task.Delay(100);
            }
        }
    }
}

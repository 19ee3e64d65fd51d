using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Etl.Embedded.Broker;

namespace Etl.Tests.Conformance.Broker;

public sealed class EmbeddedBrokerConformance : BrokerConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-broker-").FullName;
    private KafkaBroker? _broker;

    [Fact]
    public async Task A_restart_keeps_records_topics_ids_configs_and_committed_offsets()
    {
        string topic = await CreateAsync(configs: new() { ["retention.ms"] = "7200000" });
        await ProduceAsync(topic, 50);
        using (var consumer = Consumer(endOfPartition: false, group: "kept")) consumer.Commit([new(topic, 0, 33)]);
        string id = (await Admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]))).TopicDescriptions[0].TopicId.ToString();

        int port = _broker!.Port;
        await _broker.DisposeAsync();
        _broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder, Port = port }, TimeProvider.System, CancellationToken.None);

        _broker.Repairs.ShouldBeEmpty();
        Read(topic, from: 0, count: 50)[49].Message.Value.ShouldBe(ValueOf(49));
        (await Admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]))).TopicDescriptions[0].TopicId.ToString().ShouldBe(id);
        using (var consumer = Consumer(endOfPartition: false, group: "kept")) consumer.Committed([new(topic, 0)], Patience)[0].Offset.Value.ShouldBe(33);
        (await Admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]))[0].Entries["retention.ms"].Value.ShouldBe("7200000");
    }

    protected override async Task<string> StartAsync()
    {
        _broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder }, TimeProvider.System, CancellationToken.None);
        return _broker.Endpoint;
    }

    protected override async Task StopAsync()
    {
        await _broker!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

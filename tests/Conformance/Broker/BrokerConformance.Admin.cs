using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Etl.Tests.Conformance.Broker;

public abstract partial class BrokerConformance
{
    [Fact]
    public async Task Configs_are_set_told_and_taken_back()
    {
        string topic = await CreateAsync(configs: new() { ["retention.ms"] = "3600000" });
        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic };
        (await ConfigAsync(resource, "retention.ms")).Value.ShouldBe("3600000");
        (await ConfigAsync(resource, "cleanup.policy")).Value.ShouldBe("delete");
        await Admin.IncrementalAlterConfigsAsync(new()
        {
            [resource] = [new() { Name = "max.message.bytes", Value = "2000000", IncrementalOperation = AlterConfigOpType.Set }, new() { Name = "retention.ms", IncrementalOperation = AlterConfigOpType.Delete }],
        });
        (await ConfigAsync(resource, "max.message.bytes", "2000000")).IsDefault.ShouldBeFalse();
        (await ConfigAsync(resource, "retention.ms")).Value.ShouldNotBe("3600000");
    }

    [Fact]
    public async Task A_config_that_is_not_known_is_refused()
    {
        string topic = await CreateAsync();
        var changes = new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [new() { Type = ResourceType.Topic, Name = topic }] = [new() { Name = "no.such.thing", Value = "1", IncrementalOperation = AlterConfigOpType.Set }],
        };
        var error = await Should.ThrowAsync<IncrementalAlterConfigsException>(() => Admin.IncrementalAlterConfigsAsync(changes));
        error.Results.ShouldHaveSingleItem().Error.Code.ShouldBe(ErrorCode.InvalidConfig);
    }

    [Fact]
    public async Task Partitions_are_added_and_never_taken_away()
    {
        string topic = await CreateAsync(partitions: 1);
        await Admin.CreatePartitionsAsync([new() { Topic = topic, IncreaseTo = 3 }]);
        (await SettledAsync(() => Task.FromResult(Admin.GetMetadata(topic, Patience).Topics[0].Partitions.Count is 3 and var count ? count : throw new KafkaException(ErrorCode.Local_State)))).ShouldBe(3);
        await Should.ThrowAsync<CreatePartitionsException>(() => Admin.CreatePartitionsAsync([new() { Topic = topic, IncreaseTo = 2 }]));
    }

    [Fact]
    public async Task Deleted_records_are_below_the_start()
    {
        string topic = await CreateAsync();
        await ProduceAsync(topic, 100);
        var deleted = await Admin.DeleteRecordsAsync([new(topic, 0, 40)]);
        deleted.ShouldHaveSingleItem().Offset.Value.ShouldBe(40);
        (await OffsetAsync(topic, OffsetSpec.Earliest())).ShouldBe(40);
        Read(topic, from: 40, count: 60)[0].Message.Value.ShouldBe(ValueOf(40));
    }

    [Fact]
    public async Task The_cluster_names_itself()
    {
        var cluster = await Admin.DescribeClusterAsync();
        cluster.ClusterId.ShouldNotBeNullOrEmpty();
        cluster.Nodes.ShouldHaveSingleItem().Port.ToString().ShouldBe(Servers.Split(':')[1]);
    }

    [Fact]
    public async Task Offsets_committed_by_a_consumer_without_members_are_kept()
    {
        string topic = await CreateAsync();
        string group = $"conformance-{Guid.NewGuid():N}";
        await ProduceAsync(topic, 10);
        using (var consumer = Consumer(endOfPartition: false, group: group))
        {
            consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
            Next(consumer);
            consumer.Commit([new(topic, 0, 7)]);
        }
        using var again = Consumer(endOfPartition: false, group: group);
        again.Committed([new(topic, 0)], Patience).ShouldHaveSingleItem().Offset.Value.ShouldBe(7);
        again.Assign(new TopicPartitionOffset(topic, 0, Offset.Stored));
        Next(again).Offset.Value.ShouldBe(7);
    }

    private async Task<ConfigEntryResult> ConfigAsync(ConfigResource resource, string name, string? expected = null) => await SettledAsync(async () =>
    {
        var found = (await Admin.DescribeConfigsAsync([resource])).ShouldHaveSingleItem().Entries[name];
        return expected is null || found.Value == expected ? found : throw new KafkaException(ErrorCode.Local_State); // Apache Kafka tells it a moment later
    });
}

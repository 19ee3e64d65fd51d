using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Etl.Topics;

namespace Etl.Tests.Conformance.Topics;

/// <summary>What topics promise, whichever broker serves them.</summary>
public abstract class TopicsConformance : IAsyncLifetime
{
    private const int Partitions = 4;

    private readonly string topic = $"topics-{Guid.NewGuid():N}";
    private TopicAdmin admin = null!;

    protected KafkaOptions Kafka { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>host:port of the broker; skips where there is none.</summary>
    protected abstract Task<string> StartBrokerAsync();

    /// <summary>null, or why the broker has no transactions.</summary>
    protected abstract string? NoTransactionsReason { get; }

    /// <summary>null, or why the broker cannot delete records.</summary>
    protected abstract string? NoDeleteRecordsReason { get; }

    public async ValueTask InitializeAsync()
    {
        Kafka = new() { BootstrapServers = await StartBrokerAsync(), StallTimeout = TimeSpan.FromSeconds(5) };
        admin = new(Kafka);
        await admin.EnsureAsync(new(topic, Partitions), Cancel);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (admin is not null)
        {
            await admin.DeleteAsync(topic, CancellationToken.None);
            admin.Dispose();
        }
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_record_is_delivered_counted_and_read_back_in_its_keys_order()
    {
        const int Records = 50_000;
        var manifest = await ProduceAsync(Records);
        manifest.Delivered.ShouldBe(Records);
        manifest.Failed.ShouldBe(0);
        manifest.Partitions.Select(partition => partition.Partition).ShouldBe([0, 1, 2, 3]);
        manifest.Partitions.ShouldAllBe(partition => partition.FirstOffset == 0 && partition.LastOffset == partition.Delivered - 1);

        var ends = await EndsAsync();
        ends.Select(end => end.To).ShouldBe(manifest.Partitions.Select(partition => partition.Delivered));
        using var reader = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        var log = new ReadLog();
        var read = await reader.ReadRangeAsync(ends, log.Add, Cancel);
        read.Sum(one => one.Records).ShouldBe(Records);
        read.Select(one => one.LastHash.Length).ShouldAllBe(length => length == 32);
        log.ShouldHoldExactly(Records);
        reader.Positions.Select(position => position.Next).ShouldBe(ends.Select(end => end.To));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    public async Task Ranges_that_follow_each_other_give_every_record_once(int size)
    {
        int records = 300 * Math.Min(size, 30);
        await ProduceAsync(records);
        var ends = await EndsAsync();
        using var reader = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        var log = new ReadLog();
        for (long from = 0; ends.Any(end => from < end.To); from += size)
            await reader.ReadRangeAsync([.. ends.Select(end => new PartitionRange(end.Partition, Math.Min(from, end.To), Math.Min(from + size, end.To)))], log.Add, Cancel);
        log.ShouldHoldExactly(records);
    }

    [Fact]
    public async Task A_range_is_exact_wherever_it_begins_and_jumps_are_allowed()
    {
        await ProduceAsync(20_000);
        using var reader = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        foreach (var range in (PartitionRange[])[new(2, 1_000, 1_500), new(2, 1_500, 1_501), new(2, 10, 20), new(0, 3, 4), new(2, 20, 20), new(2, 20, 3_000)])
        {
            var offsets = new List<long>();
            await reader.ReadRangeAsync([range], record => offsets.Add(record.Partition == range.Partition ? record.Offset : -1), Cancel);
            offsets.ShouldBe(Enumerable.Range((int)range.From, (int)(range.To - range.From)).Select(offset => (long)offset));
        }
    }

    [Fact]
    public async Task Reading_on_without_an_end_gives_what_comes_and_then_nothing()
    {
        using var reader = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        reader.Assign([.. Enumerable.Range(0, Partitions).Select(partition => new PartitionOffset(partition, 0))]);
        reader.Read(TimeSpan.FromMilliseconds(200), _ => { }).ShouldBe(0);
        foreach (int records in (int[])[1, 500])
        {
            await ProduceAsync(records);
            int read = 0;
            for (var watch = Stopwatch.StartNew(); read < records && watch.Elapsed < TimeSpan.FromSeconds(10);) read += reader.Read(TimeSpan.FromMilliseconds(200), _ => { });
            read.ShouldBe(records);
        }
        reader.Positions.Sum(position => position.Next).ShouldBe(501);
    }

    [Fact]
    public async Task After_a_handler_has_failed_the_same_range_can_be_read_again()
    {
        await ProduceAsync(1_000);
        var ends = await EndsAsync();
        using var reader = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        int seen = 0;
        await Should.ThrowAsync<InvalidOperationException>(() => reader.ReadRangeAsync(ends, _ => { if (++seen == 300) throw new InvalidOperationException("no"); }, Cancel));
        var log = new ReadLog();
        await reader.ReadRangeAsync(ends, log.Add, Cancel);
        log.ShouldHoldExactly(1_000);
    }

    [Fact]
    public async Task A_position_that_is_not_in_the_log_is_an_error_that_waiting_does_not_mend()
    {
        await ProduceAsync(100);
        using var reader = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        var trouble = await Should.ThrowAsync<TopicException>(() => reader.ReadRangeAsync([new(0, 5_000, 5_010)], _ => { }, Cancel));
        trouble.IsTransient.ShouldBeFalse();
        trouble.Message.ShouldContain("partition 0 at offset 5,000");
    }

    [Fact]
    public async Task An_unknown_topic_is_told_at_once_and_not_made()
    {
        string unknown = $"unknown-{Guid.NewGuid():N}";
        var watch = Stopwatch.StartNew();
        (await Should.ThrowAsync<TopicException>(() => TopicReader.OpenAsync(Kafka, unknown, Cancel))).IsTransient.ShouldBeFalse();
        (await Should.ThrowAsync<TopicException>(() => TopicProducer.OpenAsync(Kafka, unknown, new(), Cancel))).Message.ShouldContain(unknown);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8));
        (await admin.FindAsync(unknown, Cancel)).ShouldBeNull();
        (await admin.DeleteAsync(unknown, Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_topic_is_made_once_and_only_as_it_can_be()
    {
        (await admin.ListAsync(Cancel)).ShouldContain(topic);
        var (there, created) = await admin.EnsureAsync(new(topic, Partitions), Cancel);
        created.ShouldBeFalse();
        there.Id.ShouldNotBeNullOrEmpty();
        (await Should.ThrowAsync<TopicException>(() => admin.EnsureAsync(new(topic, Partitions + 1), Cancel))).Message.ShouldContain("has 4 partitions, 5 were declared");
        var impossible = await Should.ThrowAsync<TopicException>(() => admin.EnsureAsync(new($"{topic}-2", 2, Replication: 2), Cancel));
        impossible.Message.ShouldContain("replication 2 needs as many brokers, and the cluster has 1");
        impossible.IsTransient.ShouldBeFalse();
        (await admin.FindAsync($"{topic}-2", Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Offsets_by_time_and_lag_are_those_of_the_log()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        await ProduceAsync(1_000);
        (await admin.OffsetsAsync(topic, [0, 1], OffsetAt.Time(before), Cancel)).ShouldBe([new(0, 0), new(1, 0)]);
        (await admin.OffsetsAsync(topic, [0], OffsetAt.Time(DateTimeOffset.UtcNow.AddDays(1)), Cancel)).Single().Next.ShouldBe(-1);
        var end = (await EndsAsync())[1].To;
        (await admin.LagAsync(topic, [new(1, 10)], Cancel)).ShouldBe(new Dictionary<int, long> { [1] = end - 10 });
    }

    [Fact]
    public async Task The_chain_holds_until_the_topic_is_another()
    {
        await ProduceAsync(1_000);
        using var reader = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        var facts = await admin.DescribeAsync(topic, Cancel);
        var ends = await EndsAsync();
        var read = await reader.ReadRangeAsync([.. ends.Select(end => end with { To = end.To - 5 })], _ => { }, Cancel);
        var states = read.Select(one => new ChainState(facts.Id, one.Range.Partition, one.Range.To, one.LastHash)).ToList();

        (await ChainReader.LookAsync(admin, reader, states, Cancel)).ShouldAllBe(verdict => verdict == new ChainVerdict.Continue(true));
        reader.Positions.Select(position => position.Next).ShouldBe(states.Select(state => state.Next));
        var forged = states[3] with { LastHash = new string('0', 32) };
        (await ChainReader.LookAsync(admin, reader, [forged], Cancel))[0].ShouldBeOfType<ChainVerdict.Changed>().Offset.ShouldBe(forged.Next - 1);

        (await admin.DeleteAsync(topic, Cancel)).ShouldBeTrue();
        await RecreateAsync();
        using var other = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        (await ChainReader.LookAsync(admin, other, states, Cancel)).ShouldAllBe(verdict => verdict is ChainVerdict.Recreated);
    }

    [Fact]
    public async Task Records_deleted_before_they_were_read_are_a_gap()
    {
        if (NoDeleteRecordsReason is { } reason) Assert.Skip(reason);
        await ProduceAsync(1_000);
        var facts = await admin.DescribeAsync(topic, Cancel);
        using (var client = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Kafka.BootstrapServers }).Build())
            await client.DeleteRecordsAsync([new(topic, 0, 50)]);
        using var reader = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        (await ChainReader.LookAsync(admin, reader, [new(facts.Id, 0, 20, ""), new(facts.Id, 1, 0, "")], Cancel)).ShouldBe([new ChainVerdict.Gap(20, 50), new ChainVerdict.Continue(false)]);
    }

    [Fact]
    public async Task Holes_that_transactions_leave_are_no_loss()
    {
        if (NoTransactionsReason is { } reason) Assert.Skip(reason);
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = Kafka.BootstrapServers, TransactionalId = topic }).Build())
        {
            producer.InitTransactions(TimeSpan.FromSeconds(30));
            for (int transaction = 0; transaction < 3; transaction++)
            {
                producer.BeginTransaction();
                for (int i = 0; i < 10; i++) producer.Produce(new TopicPartition(topic, 0), new() { Value = $"{transaction}/{i}" });
                producer.CommitTransaction();
            }
        }
        var end = (await EndsAsync())[0];
        end.To.ShouldBe(33); // 30 records, 3 markers
        using var reader = await TopicReader.OpenAsync(Kafka, topic, Cancel);
        (await reader.ReadRangeAsync([end], _ => { }, Cancel))[0].Records.ShouldBe(30);
        (await reader.ReadRangeAsync([new(0, 9, 12)], _ => { }, Cancel))[0].Records.ShouldBe(2); // 9, (10), 11
        (await reader.ReadRangeAsync([new(0, 10, 11)], _ => { }, Cancel)).Single().ShouldBe(new(new(0, 10, 11), 0, ""));
        (await reader.ReadRangeAsync([new(0, 11, 33)], _ => { }, Cancel))[0].Records.ShouldBe(20);
    }

    [Fact]
    public async Task Keys_go_where_Confluents_producer_sends_them_and_its_consumer_reads_ours()
    {
        await ProduceAsync(200);
        var ours = new Dictionary<string, int>();
        var config = new ConsumerConfig { BootstrapServers = Kafka.BootstrapServers, GroupId = topic, EnablePartitionEof = true, AutoOffsetReset = AutoOffsetReset.Earliest };
        using (var consumer = new ConsumerBuilder<string, byte[]>(config).Build())
        {
            consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset(topic, partition, 0)));
            for (int ends = 0; ends < Partitions;)
            {
                var result = consumer.Consume(TimeSpan.FromSeconds(10)).ShouldNotBeNull();
                if (result.IsPartitionEOF) ends++;
                else ours[result.Message.Key] = result.Partition;
            }
            consumer.Close();
        }
        ours.Count.ShouldBe(20);
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = Kafka.BootstrapServers, Partitioner = Partitioner.Murmur2 }).Build();
        foreach (var (key, partition) in ours) (await producer.ProduceAsync(topic, new() { Key = key, Value = [1] })).Partition.Value.ShouldBe(partition, key);
    }

    [Fact]
    public async Task Landed_positions_are_told_to_tools()
    {
        await ProduceAsync(100);
        using var reader = await TopicReader.OpenAsync(Kafka with { ClientId = topic }, topic, Cancel);
        reader.TryCommitHint([new(0, 7)]).ShouldBeTrue();
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Kafka.BootstrapServers, GroupId = topic }).Build();
        consumer.Committed([new(topic, 0)], TimeSpan.FromSeconds(10)).Single().Offset.Value.ShouldBe(7);
    }

    private async Task RecreateAsync()
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await admin.EnsureAsync(new(topic, Partitions), Cancel);
                await ProduceAsync(10);
                return;
            }
            catch (TopicException) when (attempt < 20)
            {
                await Task.Delay(100, Cancel); // the deletion takes its time in a cluster
            }
        }
    }

    private async Task<IReadOnlyList<PartitionRange>> EndsAsync() =>
        [.. (await admin.OffsetsAsync(topic, Enumerable.Range(0, Partitions), OffsetAt.End, Cancel)).Select(end => new PartitionRange(end.Partition, 0, end.Next))];

    /// <summary>Sends numbered records of 20 keys.</summary>
    private async Task<DeliveryManifest> ProduceAsync(int records)
    {
        using var producer = await TopicProducer.OpenAsync(Kafka, topic, new(), Cancel);
        SendNumbers(producer, records);
        producer.Sent.ShouldBe(records);
        return (await producer.FlushAsync(Cancel)).EnsureDelivered();
    }

    private static void SendNumbers(TopicProducer producer, int records)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        for (int number = 0; number < records; number++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(value, number);
            producer.Send(Encoding.UTF8.GetBytes($"key-{number % 20}"), value);
        }
    }

    /// <summary>What was read: each number once, each key's in order and in one partition.</summary>
    private sealed class ReadLog
    {
        private readonly List<int> numbers = [];
        private readonly Dictionary<string, (int Partition, int Last)> keys = [];

        public void Add(NativeRecord record)
        {
            string key = Encoding.UTF8.GetString(record.Key);
            int number = BinaryPrimitives.ReadInt32LittleEndian(record.Value);
            if (keys.TryGetValue(key, out var before))
            {
                record.Partition.ShouldBe(before.Partition);
                number.ShouldBeGreaterThan(before.Last);
            }
            record.TimestampMillis.ShouldBeGreaterThan(0);
            keys[key] = (record.Partition, number);
            numbers.Add(number);
        }

        public void ShouldHoldExactly(int records) => numbers.Order().ShouldBe(Enumerable.Range(0, records));
    }
}

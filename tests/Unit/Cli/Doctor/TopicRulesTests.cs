using Etl.Cli.Doctor;
using Etl.Topics;

namespace Etl.Tests.Unit.Cli.Doctor;

public sealed class TopicRulesTests
{
    private static readonly Dictionary<string, string> Usual = new() { ["cleanup.policy"] = "delete", ["retention.ms"] = "604800000", ["min.insync.replicas"] = "1" };

    [Fact]
    public void A_topic_as_declared_is_well() =>
        TopicCheck.Judge("topic T", Topic(), 4, 1).ShouldHaveSingleItem().ShouldBe(Finding.Ok("topic T", "4 partitions, one copy, cleanup.policy delete, kept for 7 days"));

    [Fact]
    public void Fewer_partitions_are_told_and_shall_stay() => One(Topic(partitions: 3)).ShouldTell(Health.Warn, "3 partitions", "4, as Etl__Kafka__Partitions says", "set that to 3; do not alter the topic");

    [Theory]
    [InlineData("compact")]
    [InlineData("compact,delete")]
    public void A_compacted_topic_loses_records(string policy) => One(Topic(settings: ("cleanup.policy", policy))).ShouldTell(Health.Fail, policy, "delete", "--topic T --add-config cleanup.policy=delete");

    [Fact]
    public void More_copies_in_sync_than_copies_refuse_every_record() => One(Topic(settings: ("min.insync.replicas", "2"))).ShouldTell(Health.Fail, "min.insync.replicas 2 with replication 1", "1 or less", "min.insync.replicas=1");

    [Theory]
    [InlineData(1, "2", Health.Fail, "records are refused", "start the brokers")]
    [InlineData(2, "2", Health.Warn, "2 of 3 copies", "start the brokers")]
    [InlineData(3, "3", Health.Warn, "no record is taken while one broker is away", "min.insync.replicas=2")]
    public void Copies_that_lag_or_may_not_lag_are_told(int inSync, string least, object health, string found, string remedy) =>
        One(Topic(3, inSync, settings: ("min.insync.replicas", least)), brokers: 3).ShouldTell((Health)health, found, "", remedy);

    [Fact]
    public void One_copy_on_three_brokers_is_told() => One(Topic(), brokers: 3).ShouldTell(Health.Warn, "replication 1 on 3 brokers", "3", "Etl__Kafka__Replication");

    [Fact]
    public void Records_deleted_before_they_were_landed_are_counted()
    {
        Unread[] lags = [new(0, 150, 200, 120), new(1, 0, 10, 10)];
        lags[0].Gone.ShouldBe(30);
        Retention(lags).ShouldTell(Health.Fail, "30 records were deleted before they were landed, in partition 0 (kept for 7 days)", "none", "retention.ms=");
    }

    [Fact]
    public void Unread_records_older_than_the_retention_fail_and_older_than_half_of_it_warn()
    {
        Unread[] lags = [new(0, 0, 200, 120)];
        Retention(lags, expired: 5, aging: 9).ShouldTell(Health.Fail, "5 of 80 unread records are older than records are kept for", "younger than half", "`etl up`");
        Retention(lags, expired: 0, aging: 9).ShouldTell(Health.Warn, "9 of 80 unread records are older than half", "younger", "`etl topic lag T`");
        Retention(lags).ShouldBe(Finding.Ok("retention T", "80 records unread, kept for 7 days"));
    }

    [Fact]
    public void Deletion_by_size_is_told_where_records_are_unread()
    {
        var topic = Topic(settings: ("retention.bytes", "1000"));
        RetentionCheck.Judge("retention T", topic, [new(0, 0, 5, null)], 0, 0).ShouldHaveSingleItem().ShouldTell(Health.Warn, "5 records are unread, and retention.bytes 1000", "-1", "retention.bytes=-1");
        RetentionCheck.Judge("retention T", topic, [new(0, 0, 5, 5)], 0, 0).ShouldHaveSingleItem().Health.ShouldBe(Health.Ok);
    }

    [Theory]
    [InlineData("delete", "604800000", "kept for 7 days")]
    [InlineData("delete", "129600000", "kept for 36 h")]
    [InlineData("delete", "-1", "kept for ever")]
    [InlineData("compact", "604800000", "kept for ever")]
    [InlineData("compact,delete", "604800000", "kept for 7 days")]
    public void How_long_records_are_kept_is_told(string policy, string milliseconds, string told) =>
        RetentionCheck.Told(new Dictionary<string, string> { ["cleanup.policy"] = policy, ["retention.ms"] = milliseconds }).ShouldBe(told);

    [Fact]
    public void Records_that_are_gone_are_not_unread()
    {
        new Unread(0, 150, 200, 120).Count.ShouldBe(50);
        new Unread(0, 150, 200, null).Count.ShouldBe(50);
    }

    [Theory]
    [InlineData(100, 30)] // the first record that is young enough
    [InlineData(-1, 130)] // none is young enough
    [InlineData(20, 0)]
    public void Unread_records_before_an_offset_begin_where_landing_stands(long offset, long before) => new Unread(0, 10, 200, 70).Before(offset).ShouldBe(before);

    private static Finding One(TopicCondition topic, int brokers = 1) => TopicCheck.Judge("topic T", topic, 4, brokers).ShouldHaveSingleItem();

    private static Finding Retention(Unread[] lags, long expired = 0, long aging = 0) => RetentionCheck.Judge("retention T", Topic(), lags, expired, aging).ShouldHaveSingleItem();

    private static TopicCondition Topic(int replication = 1, int? inSync = null, int partitions = 4, params (string Name, string Value)[] settings) =>
        new(new("T", "id", partitions), replication, inSync ?? replication, Usual.Where(pair => settings.All(own => own.Name != pair.Key)).Concat(settings.Select(own => KeyValuePair.Create(own.Name, own.Value))).ToDictionary());
}

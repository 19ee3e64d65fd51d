using System.Globalization;
using Etl.Topics;

namespace Etl.Cli.Doctor;

/// <summary>Whether a topic is there, as declared, and keeps what is written to it.</summary>
/// <param name="partitions">As declared.</param>
/// <param name="brokers">Those of the cluster that are up.</param>
internal sealed class TopicCheck(string topic, TopicAdmin admin, int partitions, int brokers) : ICheck
{
    public string Name => $"topic {topic}";

    /// <summary>As found; null before the check, and where it is not there.</summary>
    public TopicCondition? Condition { get; private set; }

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancel)
    {
        Condition = await admin.ExamineAsync(topic, cancel);
        return Condition is null ? [Finding.Warn(Name, "not there yet", null, $"`etl up` makes it, or `etl topic create {topic}`")] : Judge(Name, Condition, partitions, brokers);
    }

    internal static IReadOnlyList<Finding> Judge(string name, TopicCondition found, int partitions, int brokers)
    {
        string topic = found.Topic.Name, alter = $"kafka-configs.sh --alter --topic {topic} --add-config";
        var all = new List<Finding>();
        if (found.Topic.Partitions != partitions)
            all.Add(Finding.Warn(name, $"{found.Topic.Partitions} partitions", $"{partitions}, as Etl__Kafka__Partitions says", $"set that to {found.Topic.Partitions}; do not alter the topic, since keys would move to other partitions"));
        string cleanup = found.Settings.GetValueOrDefault("cleanup.policy", "delete");
        if (cleanup.Contains("compact", StringComparison.Ordinal))
            all.Add(Finding.Fail(name, $"cleanup.policy is {cleanup}: of records with the same key all but the last vanish, landed or not", "delete", $"{alter} cleanup.policy=delete"));
        int least = int.TryParse(found.Settings.GetValueOrDefault("min.insync.replicas"), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 1;
        if (least > found.Replication)
            all.Add(Finding.Fail(name, $"min.insync.replicas {least} with replication {found.Replication}: every record is refused", $"{found.Replication} or less", $"{alter} min.insync.replicas={Math.Max(1, found.Replication - 1)}"));
        else if (found.InSync < least)
            all.Add(Finding.Fail(name, $"{found.InSync} of {found.Replication} copies of a partition are in sync: records are refused", $"min.insync.replicas {least} or more", "start the brokers that are away (kafka-topics.sh --describe --under-min-isr-partitions)"));
        else if (found.InSync < found.Replication)
            all.Add(Finding.Warn(name, $"{found.InSync} of {found.Replication} copies of a partition are in sync", "all", "start the brokers that are away, or wait until they have caught up (kafka-topics.sh --describe --under-replicated-partitions)"));
        else if (least == found.Replication && least > 1)
            all.Add(Finding.Warn(name, $"min.insync.replicas {least} with replication {found.Replication}: no record is taken while one broker is away", $"{least - 1}", $"{alter} min.insync.replicas={least - 1}"));
        if (found.Replication == 1 && brokers > 1)
            all.Add(Finding.Warn(name, $"replication 1 on {brokers} brokers: with a broker's disk its records are gone", $"{Math.Min(3, brokers)}", "kafka-reassign-partitions.sh; for topics to come Etl__Kafka__Replication"));
        return all.Count > 0 ? all : [Finding.Ok(name, $"{found.Topic.Partitions} partitions, {(found.Replication == 1 ? "one copy" : $"{found.Replication} copies")}, cleanup.policy {cleanup}, {RetentionCheck.Told(found.Settings)}")];
    }
}

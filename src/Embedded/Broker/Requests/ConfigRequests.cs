using System.Globalization;
using Etl.Codecs.Kafka;
using Etl.Codecs.Kafka.Messages;
using Etl.Embedded.Broker.Topics;

namespace Etl.Embedded.Broker.Requests;

/// <summary>Tells and changes the configs of topics; those of the broker are told only, its options are given at its start.</summary>
internal sealed class ConfigRequests(BrokerParts parts)
{
    public const sbyte TopicSource = 1, BrokerSource = 4, DefaultSource = 5;

    public Reaction Describe(Request request)
    {
        var reader = request.Reader();
        var asked = DescribeConfigsRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        new DescribeConfigsResponse([.. asked.Resources.Select(resource => Describe(resource, asked))]).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    public Reaction Alter(Request request)
    {
        var reader = request.Reader();
        var asked = AlterConfigsRequest.Read(ref reader);
        return Alter(request, asked, reader.Failed, replaceAll: true);
    }

    public Reaction AlterIncrementally(Request request)
    {
        var reader = request.Reader();
        var asked = AlterConfigsRequest.ReadIncremental(ref reader);
        return Alter(request, asked, reader.Failed, replaceAll: false);
    }

    private Reaction Alter(Request request, AlterConfigsRequest asked, bool failed, bool replaceAll)
    {
        if (failed) return Reaction.Close;
        new AlterConfigsResponse([.. asked.Resources.Select(resource => Alter(resource, replaceAll, asked.ValidateOnly))]).Write(request.Answer);
        return Reaction.Answer;
    }

    private AlterConfigsResponse.Resource Alter(AlterConfigsRequest.Resource asked, bool replaceAll, bool validateOnly)
    {
        if (asked.ResourceType != ConfigResource.Topic) return Answer(KafkaError.InvalidRequest, "Only topics can be changed; the broker's options are given at its start.");
        if (parts.Topics.Find(asked.ResourceName) is not { } topic) return Answer(KafkaError.UnknownTopicOrPartition, $"There is no topic '{asked.ResourceName}'.");
        var next = replaceAll ? [] : new Dictionary<string, string>(topic.Configs);
        foreach (var config in asked.Configs)
        {
            switch (config.ConfigOperation)
            {
                case ConfigOperation.Delete when TopicConfigs.Find(config.Name) is not null: next.Remove(config.Name); break;
                case ConfigOperation.Append or ConfigOperation.Subtract: return Answer(KafkaError.InvalidConfig, $"{config.Name}: takes one value; set it or delete it.");
                case var _ when TopicConfigs.Fault(config.Name, config.Value) is { } wrong: return Answer(KafkaError.InvalidConfig, wrong);
                default: next[config.Name] = config.Value!; break;
            }
        }
        try
        {
            return Answer(validateOnly ? KafkaError.None : parts.Topics.SetConfigs(topic.Name, next), null);
        }
        catch (IOException error)
        {
            return Answer(KafkaError.KafkaStorageError, error.Message);
        }

        AlterConfigsResponse.Resource Answer(KafkaError error, string? message) => new(error, message, asked.ResourceType, asked.ResourceName);
    }

    private DescribeConfigsResponse.Resource Describe(DescribeConfigsRequest.Resource asked, DescribeConfigsRequest request)
    {
        bool all = asked.ConfigurationKeys is null or [];
        if (asked.ResourceType == ConfigResource.Topic && parts.Topics.Find(asked.ResourceName) is { } topic)
            return Answer(KafkaError.None, null, TopicConfigs.All.Where(key => all || asked.ConfigurationKeys!.Contains(key.Name)).Select(key => Describe(key, topic, request)));
        if (asked.ResourceType == ConfigResource.Broker && (asked.ResourceName.Length == 0 || asked.ResourceName == BrokerAddress.NodeId.ToString(CultureInfo.InvariantCulture)))
            return Answer(KafkaError.None, null, TopicConfigs.All.Where(key => all || asked.ConfigurationKeys!.Contains(key.BrokerKey)).Select(key => Describe(key, request)));
        return asked.ResourceType switch
        {
            ConfigResource.Topic => Answer(KafkaError.UnknownTopicOrPartition, $"There is no topic '{asked.ResourceName}'.", []),
            ConfigResource.Broker => Answer(KafkaError.InvalidRequest, $"There is no broker '{asked.ResourceName}'; the only one is {BrokerAddress.NodeId}.", []),
            _ => Answer(KafkaError.InvalidRequest, "Only topics (2) and brokers (4) have configs.", []),
        };

        DescribeConfigsResponse.Resource Answer(KafkaError error, string? message, IEnumerable<DescribeConfigsResponse.Config> configs) =>
            new(error, message, asked.ResourceType, asked.ResourceName, [.. configs]);
    }

    private DescribeConfigsResponse.Config Describe(TopicConfigKey key, Topic topic, DescribeConfigsRequest request)
    {
        string standard = key.Default(parts.Options);
        bool own = topic.Configs.TryGetValue(key.Name, out string? value);
        var synonyms = new List<DescribeConfigsResponse.Synonym>();
        if (request.IncludeSynonyms)
        {
            if (own) synonyms.Add(new(key.Name, value, TopicSource));
            synonyms.Add(new(key.BrokerKey, standard, DefaultSource));
        }
        return new(key.Name, value ?? standard, ReadOnly: false, own ? TopicSource : DefaultSource, IsSensitive: false, synonyms, key.Type, request.IncludeDocumentation ? key.Documentation : null);
    }

    private DescribeConfigsResponse.Config Describe(TopicConfigKey key, DescribeConfigsRequest request)
    {
        string value = key.Default(parts.Options);
        return new(key.BrokerKey, value, ReadOnly: true, BrokerSource, IsSensitive: false,
            request.IncludeSynonyms ? [new(key.BrokerKey, value, BrokerSource)] : [], key.Type, request.IncludeDocumentation ? key.Documentation : null);
    }
}

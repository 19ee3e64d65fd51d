namespace Etl.Codecs.Kafka.Messages;

/// <summary>What a configuration belongs to.</summary>
public enum ConfigResource : sbyte
{
    Topic = 2,
    Broker = 4,
}

/// <summary>DescribeConfigs, versions 1 to 4.</summary>
public sealed record DescribeConfigsRequest(IReadOnlyList<DescribeConfigsRequest.Resource> Resources, bool IncludeSynonyms, bool IncludeDocumentation)
{
    public const short FlexibleFrom = 4;

    /// <param name="ConfigurationKeys">Null or empty: all.</param>
    public sealed record Resource(ConfigResource ResourceType, string ResourceName, string[]? ConfigurationKeys);

    public static DescribeConfigsRequest Read(ref KafkaReader reader, short version)
    {
        var resources = new List<Resource>();
        for (int count = reader.Count(elementBytesMin: 3), i = 0; i < count && !reader.Failed; i++)
        {
            resources.Add(new((ConfigResource)reader.Int8(), reader.String(), reader.NullableStringArray()));
            reader.EndStruct();
        }
        bool synonyms = reader.Bool();
        bool documentation = version >= 3 && reader.Bool();
        reader.EndStruct();
        return new(resources, synonyms, documentation);
    }
}

public sealed record DescribeConfigsResponse(IReadOnlyList<DescribeConfigsResponse.Resource> Results)
{
    public sealed record Resource(KafkaError ErrorCode, string? ErrorMessage, ConfigResource ResourceType, string ResourceName, IReadOnlyList<Config> Configs);

    /// <param name="ConfigSource">1 the topic's own, 4 the broker's own, 5 the default.</param>
    /// <param name="ConfigType">0 unknown, 1 boolean, 2 string, 3 int, 5 long, 7 list.</param>
    public sealed record Config(
        string Name, string? Value, bool ReadOnly, sbyte ConfigSource, bool IsSensitive, IReadOnlyList<Synonym> Synonyms, sbyte ConfigType, string? Documentation);

    public sealed record Synonym(string Name, string? Value, sbyte Source);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Int32(ThrottleTimeMs);
        writer.Count(Results.Count);
        foreach (var resource in Results)
        {
            writer.Error(resource.ErrorCode);
            writer.String(resource.ErrorMessage);
            writer.Int8((sbyte)resource.ResourceType);
            writer.String(resource.ResourceName);
            writer.Count(resource.Configs.Count);
            foreach (var config in resource.Configs) Write(writer, config, version);
            writer.EndStruct();
        }
        writer.EndStruct();
    }

    private static void Write(KafkaWriter writer, Config config, short version)
    {
        writer.String(config.Name);
        writer.String(config.Value);
        writer.Bool(config.ReadOnly);
        writer.Int8(config.ConfigSource);
        writer.Bool(config.IsSensitive);
        writer.Count(config.Synonyms.Count);
        foreach (var synonym in config.Synonyms)
        {
            writer.String(synonym.Name);
            writer.String(synonym.Value);
            writer.Int8(synonym.Source);
            writer.EndStruct();
        }
        if (version >= 3)
        {
            writer.Int8(config.ConfigType);
            writer.String(config.Documentation);
        }
        writer.EndStruct();
    }
}

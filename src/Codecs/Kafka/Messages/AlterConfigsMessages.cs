namespace Etl.Codecs.Kafka.Messages;

/// <summary>What to do with one key of a configuration.</summary>
public enum ConfigOperation : sbyte
{
    Set = 0,
    Delete = 1,
    Append = 2,
    Subtract = 3,
}

/// <summary>AlterConfigs, versions 0 to 2: the configs given replace all there are. IncrementalAlterConfigs, versions 0 and 1: only those named change.</summary>
public sealed record AlterConfigsRequest(IReadOnlyList<AlterConfigsRequest.Resource> Resources, bool ValidateOnly)
{
    public const short FlexibleFrom = 2;
    public const short IncrementalFlexibleFrom = 1;

    public sealed record Resource(ConfigResource ResourceType, string ResourceName, IReadOnlyList<Config> Configs);

    public sealed record Config(string Name, ConfigOperation ConfigOperation, string? Value);

    public static AlterConfigsRequest Read(ref KafkaReader reader) => Read(ref reader, incremental: false);

    public static AlterConfigsRequest ReadIncremental(ref KafkaReader reader) => Read(ref reader, incremental: true);

    private static AlterConfigsRequest Read(ref KafkaReader reader, bool incremental)
    {
        var resources = new List<Resource>();
        for (int count = reader.Count(elementBytesMin: 3), i = 0; i < count && !reader.Failed; i++)
        {
            var type = (ConfigResource)reader.Int8();
            string name = reader.String();
            var configs = new List<Config>();
            for (int inner = reader.Count(elementBytesMin: 2), j = 0; j < inner && !reader.Failed; j++)
            {
                configs.Add(new(reader.String(), incremental ? (ConfigOperation)reader.Int8() : ConfigOperation.Set, reader.NullableString()));
                reader.EndStruct();
            }
            reader.EndStruct();
            resources.Add(new(type, name, configs));
        }
        bool validateOnly = reader.Bool();
        reader.EndStruct();
        return new(resources, validateOnly);
    }
}

/// <summary>The answer to both.</summary>
public sealed record AlterConfigsResponse(IReadOnlyList<AlterConfigsResponse.Resource> Responses)
{
    public sealed record Resource(KafkaError ErrorCode, string? ErrorMessage, ConfigResource ResourceType, string ResourceName);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer)
    {
        writer.Int32(ThrottleTimeMs);
        writer.Count(Responses.Count);
        foreach (var resource in Responses)
        {
            writer.Error(resource.ErrorCode);
            writer.String(resource.ErrorMessage);
            writer.Int8((sbyte)resource.ResourceType);
            writer.String(resource.ResourceName);
            writer.EndStruct();
        }
        writer.EndStruct();
    }
}

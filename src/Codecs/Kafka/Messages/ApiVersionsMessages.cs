namespace Etl.Codecs.Kafka.Messages;

/// <summary>ApiVersions, versions 0 to 4.</summary>
public sealed record ApiVersionsRequest(string? ClientSoftwareName, string? ClientSoftwareVersion)
{
    public const short FlexibleFrom = 3;

    public static ApiVersionsRequest Read(ref KafkaReader reader, short version)
    {
        if (version < 3) return new(null, null);
        var request = new ApiVersionsRequest(reader.String(), reader.String());
        reader.EndStruct();
        return request;
    }
}

/// <summary>What a broker offers. Its response header is the oldest one in every version.</summary>
public sealed record ApiVersionsResponse(KafkaError ErrorCode, IReadOnlyList<ApiVersionsResponse.ApiRange> ApiKeys)
{
    public int ThrottleTimeMs { get; init; }

    /// <param name="MaxVersion">Included.</param>
    public sealed record ApiRange(ApiKey ApiKey, short MinVersion, short MaxVersion);

    public void Write(KafkaWriter writer, short version)
    {
        writer.Error(ErrorCode);
        writer.Count(ApiKeys.Count);
        foreach (var api in ApiKeys)
        {
            writer.Int16((short)api.ApiKey);
            writer.Int16(api.MinVersion);
            writer.Int16(api.MaxVersion);
            writer.EndStruct();
        }
        if (version >= 1) writer.Int32(ThrottleTimeMs);
        writer.EndStruct();
    }
}

using System.Text.RegularExpressions;
using Etl.Codecs.Kafka;
using Etl.Codecs.Kafka.Messages;

namespace Etl.Embedded.Broker.Requests;

/// <summary>
/// All that the broker can do: this list is what ApiVersions answers, so a client never asks for what is not here. Consumer groups with members
/// (JoinGroup and the like) and transactions are not.
/// </summary>
internal sealed partial class ApiTable
{
    private readonly Dictionary<ApiKey, Api> _apis;
    private readonly ApiVersionsResponse _offer;

    public ApiTable(BrokerParts parts)
    {
        var (topics, configs, offsets, cluster) = (new TopicRequests(parts), new ConfigRequests(parts), new OffsetRequests(parts), new ClusterRequests(parts));
        Api[] apis =
        [
            // Versions 0 to 2 are listed and refused, as Kafka does: older librdkafka packs nothing if they are missing.
            new(ApiKey.Produce, 0, 12, ProduceRequest.FlexibleFrom, new ProduceRequests(parts).Handle),
            new(ApiKey.Fetch, 4, 17, FetchRequest.FlexibleFrom, new FetchRequests(parts).HandleAsync),
            new(ApiKey.ListOffsets, 1, 9, ListOffsetsRequest.FlexibleFrom, new ListOffsetsRequests(parts).Handle),
            new(ApiKey.Metadata, 0, 13, MetadataRequest.FlexibleFrom, cluster.Metadata),
            new(ApiKey.OffsetCommit, 2, 9, OffsetCommitRequest.FlexibleFrom, offsets.Commit),
            new(ApiKey.OffsetFetch, 1, 9, OffsetFetchRequest.FlexibleFrom, offsets.Fetch),
            new(ApiKey.FindCoordinator, 0, 5, FindCoordinatorRequest.FlexibleFrom, cluster.FindCoordinator),
            new(ApiKey.ApiVersions, 0, 4, ApiVersionsRequest.FlexibleFrom, ApiVersions),
            new(ApiKey.CreateTopics, 2, 7, CreateTopicsRequest.FlexibleFrom, topics.Create),
            new(ApiKey.DeleteTopics, 1, 6, DeleteTopicsRequest.FlexibleFrom, topics.Delete),
            new(ApiKey.DeleteRecords, 0, 2, DeleteRecordsRequest.FlexibleFrom, topics.DeleteRecords),
            new(ApiKey.InitProducerId, 0, 5, InitProducerIdRequest.FlexibleFrom, cluster.InitProducerId),
            new(ApiKey.OffsetForLeaderEpoch, 2, 4, OffsetForLeaderEpochRequest.FlexibleFrom, cluster.OffsetForLeaderEpoch),
            new(ApiKey.DescribeConfigs, 1, 4, DescribeConfigsRequest.FlexibleFrom, configs.Describe),
            new(ApiKey.AlterConfigs, 0, 2, AlterConfigsRequest.FlexibleFrom, configs.Alter),
            new(ApiKey.CreatePartitions, 0, 3, CreatePartitionsRequest.FlexibleFrom, topics.AddPartitions),
            new(ApiKey.IncrementalAlterConfigs, 0, 1, AlterConfigsRequest.IncrementalFlexibleFrom, configs.AlterIncrementally),
            new(ApiKey.DescribeCluster, 0, 2, DescribeClusterRequest.FlexibleFrom, cluster.Describe),
        ];
        _apis = apis.ToDictionary(api => api.Key);
        _offer = new(KafkaError.None, [.. apis.Select(RangeOf)]);
    }

    public Api? Find(ApiKey key) => _apis.GetValueOrDefault(key);

    public bool IsFlexible(ApiKey key, short version) => Find(key) is { } api && api.Offers(version) && version >= api.FlexibleFrom;

    /// <summary>Answers a version of ApiVersions that is not known in the oldest layout, so that the client tries again with one that is.</summary>
    public void AnswerUnknownApiVersions(Request request)
    {
        request.BeginAnswer();
        request.Answer.Flexible = false;
        new ApiVersionsResponse(KafkaError.UnsupportedVersion, [RangeOf(_apis[ApiKey.ApiVersions])]).Write(request.Answer, version: 0);
    }

    private Reaction ApiVersions(Request request)
    {
        var reader = request.Reader();
        var asked = ApiVersionsRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        bool named = request.Version < 3 || (SoftwareName().IsMatch(asked.ClientSoftwareName!) && SoftwareName().IsMatch(asked.ClientSoftwareVersion!));
        (named ? _offer : new(KafkaError.InvalidRequest, [])).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    private static ApiVersionsResponse.ApiRange RangeOf(Api api) => new(api.Key, api.Oldest, api.Newest);

    [GeneratedRegex(@"^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$")]
    private static partial Regex SoftwareName();
}

/// <summary>What the handlers work with.</summary>
internal sealed record BrokerParts(
    BrokerOptions Options, TimeProvider Clock, Topics.TopicStore Topics, Topics.OffsetStore Offsets, Topics.BrokerIdentity Identity, BrokerAddress Address);

/// <summary>The address clients are told.</summary>
internal sealed record BrokerAddress(string Host, int Port)
{
    /// <summary>The only broker's number.</summary>
    public const int NodeId = 1;
}

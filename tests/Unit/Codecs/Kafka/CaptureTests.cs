using System.Reflection;
using System.Text.Json;
using Etl.Codecs.Kafka;
using Etl.Codecs.Kafka.Messages;

namespace Etl.Tests.Unit.Codecs.Kafka;

/// <summary>What real clients asked of Apache Kafka and what it answered judges our messages.</summary>
public sealed class CaptureTests
{
    private delegate object ReadRequest(ref KafkaReader reader, short version);

    private sealed record Message(short Newest, short FlexibleFrom, ReadRequest Read, Type Response);

    private static readonly Dictionary<string, Message> Messages = new()
    {
        ["Produce"] = new(13, ProduceRequest.FlexibleFrom, ProduceRequest.Read, typeof(ProduceResponse)),
        ["Fetch"] = new(18, FetchRequest.FlexibleFrom, FetchRequest.Read, typeof(FetchResponse)),
        ["ListOffsets"] = new(10, ListOffsetsRequest.FlexibleFrom, ListOffsetsRequest.Read, typeof(ListOffsetsResponse)),
        ["Metadata"] = new(13, MetadataRequest.FlexibleFrom, MetadataRequest.Read, typeof(MetadataResponse)),
        ["OffsetCommit"] = new(9, OffsetCommitRequest.FlexibleFrom, OffsetCommitRequest.Read, typeof(OffsetCommitResponse)),
        ["OffsetFetch"] = new(9, OffsetFetchRequest.FlexibleFrom, OffsetFetchRequest.Read, typeof(OffsetFetchResponse)),
        ["FindCoordinator"] = new(6, FindCoordinatorRequest.FlexibleFrom, FindCoordinatorRequest.Read, typeof(FindCoordinatorResponse)),
        ["ApiVersions"] = new(4, ApiVersionsRequest.FlexibleFrom, ApiVersionsRequest.Read, typeof(ApiVersionsResponse)),
        ["CreateTopics"] = new(7, CreateTopicsRequest.FlexibleFrom, CreateTopicsRequest.Read, typeof(CreateTopicsResponse)),
        ["DeleteTopics"] = new(6, DeleteTopicsRequest.FlexibleFrom, DeleteTopicsRequest.Read, typeof(DeleteTopicsResponse)),
        ["InitProducerId"] = new(5, InitProducerIdRequest.FlexibleFrom, InitProducerIdRequest.Read, typeof(InitProducerIdResponse)),
        ["OffsetForLeaderEpoch"] = new(4, OffsetForLeaderEpochRequest.FlexibleFrom, OffsetForLeaderEpochRequest.Read, typeof(OffsetForLeaderEpochResponse)),
        ["DescribeConfigs"] = new(4, DescribeConfigsRequest.FlexibleFrom, DescribeConfigsRequest.Read, typeof(DescribeConfigsResponse)),
        ["DescribeCluster"] = new(2, DescribeClusterRequest.FlexibleFrom, DescribeClusterRequest.Read, typeof(DescribeClusterResponse)),
    };

    [Fact]
    public void Every_captured_request_is_read_to_its_last_byte()
    {
        int requests = 0;
        foreach (var (capture, message, version, place) in Known())
        {
            var reader = AtBody(capture.Hex("request_hex"), message, version);
            message.Read(ref reader, version);
            reader.Failed.ShouldBeFalse(place);
            reader.Left.ShouldBe(0, place);
            requests++;
        }
        requests.ShouldBeGreaterThan(150);
    }

    [Fact]
    public void A_captured_request_cut_anywhere_is_a_fault_and_never_an_exception()
    {
        foreach (var (capture, message, version, place) in Known())
        {
            byte[] whole = capture.Hex("request_hex");
            for (int length = 0; length < Math.Min(whole.Length, 400); length++)
            {
                var reader = AtBody(whole.AsSpan(0, length), message, version);
                message.Read(ref reader, version);
                if (version > 0) (reader.Failed || message.Response == typeof(ApiVersionsResponse)).ShouldBeTrue($"{place} cut to {length}");
            }
        }
    }

    [Fact]
    public void Every_captured_answer_is_written_to_the_same_bytes()
    {
        int answers = 0;
        foreach (var (capture, message, version, place) in Known())
        {
            if (capture.GetProperty("response").ValueKind != JsonValueKind.Object || HasTaggedFields(capture.GetProperty("response"))) continue;
            using var writer = new KafkaWriter { Flexible = version >= message.FlexibleFrom };
            writer.Int32(capture.GetProperty("correlation_id").GetInt32());
            if (message.Response != typeof(ApiVersionsResponse)) writer.EndStruct();
            var response = Build(message.Response, Regroup(capture.GetProperty("response"), message.Response, version, capture.GetProperty("request")))!;
            var write = message.Response.GetMethod("Write")!;
            write.Invoke(response, write.GetParameters().Length == 1 ? [writer] : [writer, version]);
            Convert.ToHexStringLower(Fill(writer, Records(capture.GetProperty("response")))).ShouldBe(capture.GetProperty("response_hex").GetString(), place);
            answers++;
        }
        answers.ShouldBeGreaterThan(130);
    }

    private static IEnumerable<(JsonElement Capture, Message Message, short Version, string Place)> Known()
    {
        foreach (var capture in KafkaGolden.Captures())
        {
            short version = capture.GetProperty("version").GetInt16();
            string api = capture.GetProperty("api").GetString()!;
            if (Messages.TryGetValue(api, out var message) && version <= message.Newest)
                yield return (capture, message, version, $"{capture.GetProperty("client").GetString()} {api} {version}");
        }
    }

    private static KafkaReader AtBody(ReadOnlySpan<byte> frame, Message message, short version)
    {
        var reader = new KafkaReader(frame, flexible: false);
        reader.Int32(); // api and version
        reader.Int32();
        reader.PlainNullableString();
        reader.Flexible = version >= message.FlexibleFrom;
        reader.EndStruct();
        return reader;
    }

    // Features in ApiVersions, other brokers' addresses, rights of the user: fields our broker never sends.
    private static bool HasTaggedFields(JsonElement response) =>
        response.TryGetProperty("SupportedFeatures", out _) || (response.TryGetProperty("NodeEndpoints", out var nodes) && nodes.ValueKind == JsonValueKind.Array && nodes.GetArrayLength() > 0)
        || response.ToString().Contains("\"CurrentLeader\": {", StringComparison.Ordinal)
        || response.ToString().Split("AuthorizedOperations\": ").Skip(1).Any(rest => !rest.StartsWith("-2147483648", StringComparison.Ordinal));

    // Old versions of two answers hold one element where new ones hold a list; our types hold the list.
    private static JsonElement Regroup(JsonElement response, Type type, short version, JsonElement request)
    {
        string text = response.GetRawText();
        if (type == typeof(OffsetFetchResponse) && version <= 7) text = $$"""{"Groups":[{{text}}]}""";
        if (type == typeof(FindCoordinatorResponse) && version <= 3) text = $$"""{"Coordinators":[{{text}}]}""";
        if (type == typeof(FetchResponse) && request.GetProperty("IsolationLevel").GetInt32() == 1) text = $$"""{"CommittedOnly":true,{{text.TrimStart()[1..]}}""";
        return JsonDocument.Parse(text).RootElement;
    }

    private static object? Build(Type type, JsonElement json)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined) return type.IsValueType ? Activator.CreateInstance(type) : null;
        if (type.IsEnum) return Enum.ToObject(type, json.GetInt64());
        if (type == typeof(string)) return json.GetString();
        if (type == typeof(Guid)) return Guid.Parse(json.GetString()!);
        if (type == typeof(bool)) return json.GetBoolean();
        if (type.IsPrimitive) return Convert.ChangeType(json.GetInt64(), type);
        if (type.IsGenericType) return BuildList(type.GetGenericArguments()[0], json);
        var constructor = type.GetConstructors().OrderByDescending(one => one.GetParameters().Length).First();
        object made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Build(parameter.ParameterType, Find(json, parameter.Name!)))]);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite && json.TryGetProperty(property.Name, out _)))
            property.SetValue(made, Build(property.PropertyType, json.GetProperty(property.Name)));
        return made;
    }

    private static JsonElement Find(JsonElement json, string name)
    {
        if (name == "RecordsLength") return JsonDocument.Parse($"{(json.GetProperty("Records").GetString() is { } hex ? (hex.Length - 4) / 2 : 0)}").RootElement;
        if (json.TryGetProperty(name, out var found) || (name == "Name" && json.TryGetProperty("Topic", out found))) return found;
        return default;
    }

    private static Array BuildList(Type element, JsonElement json)
    {
        object?[] items = [.. json.EnumerateArray().Select(item => Build(element, item))];
        var list = Array.CreateInstance(element, items.Length);
        for (int i = 0; i < items.Length; i++) list.SetValue(items[i], i);
        return list;
    }

    private static byte[] Records(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => [.. json.EnumerateArray().SelectMany(Records)],
        JsonValueKind.Object => [.. json.EnumerateObject().SelectMany(one => one is { Name: "Records", Value.ValueKind: JsonValueKind.String } ? Convert.FromHexString(one.Value.GetString()![4..]) : Records(one.Value))],
        _ => [],
    };

    private static byte[] Fill(KafkaWriter writer, ReadOnlySpan<byte> records)
    {
        var frame = writer.Frame().Span;
        var filled = new List<byte>();
        int sent = 4;
        foreach (var gap in writer.Gaps)
        {
            filled.AddRange(frame[sent..gap.Position]);
            filled.AddRange(records[..gap.Length]);
            sent = gap.Position;
            records = records[gap.Length..];
        }
        filled.AddRange(frame[sent..]);
        return [.. filled];
    }
}

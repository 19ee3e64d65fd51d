using Confluent.Kafka;
using Etl.Contracts;

namespace Etl.Topics;

/// <summary>Trouble with the broker or the registry: found, expected, how to mend. <see cref="StoreException.IsTransient"/> is what retrying looks at.</summary>
public sealed class TopicException(string message, bool isTransient, Exception? inner = null) : StoreException(message, isTransient, inner)
{
    /// <summary>How the client was turned away; null for any other trouble.</summary>
    public Refusal? Refusal { get; private init; }

    /// <summary>Why no broker answered, as librdkafka tells it; null for any other trouble.</summary>
    public string? Silence { get; private init; }

    internal static TopicException Of(KafkaException cause, string what, KafkaOptions kafka) => Of(cause.Error, what, kafka, cause);

    /// <param name="what">What was being done: "reading topic X".</param>
    internal static TopicException Of(Error error, string what, KafkaOptions kafka, Exception? cause = null) => error.Code switch
    {
        ErrorCode.Local_TimedOut or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_Resolve => Unreachable(what, kafka, error.Reason, cause),
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition =>
            new($"{what}: the topic or partition is not there ({error.Reason}). Create it, or mend its name.", false, cause),
        ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange =>
            new($"{what}: the position asked for is not in the log any more, or not yet ({error.Reason}).", false, cause),
        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.GroupAuthorizationFailed => TurnedAway(what, Refusal.NotAllowed(error.Reason), false, cause),
        ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication => TurnedAway(what, Refusal.Of(error.Reason, kafka), false, cause),
        _ => new($"{what}: {error.Reason} ({error.Code}).", IsTransientCode(error.Code), cause),
    };

    internal static TopicException Unreachable(string what, KafkaOptions kafka, string reason, Exception? cause = null) => new(
        $"{what}: no Kafka broker answered at {kafka.BootstrapServers} within {kafka.RequestTimeout.TotalSeconds:0.#} s ({reason}). "
        + $"Expected a running broker there: start it, or set Etl__Kafka__BootstrapServers{Hint(kafka, reason)}.", true, cause) { Silence = reason };

    /// <param name="wasLetIn">Whether the same client was let in before, so that its settings are good.</param>
    internal static TopicException TurnedAway(string what, Refusal refusal, bool wasLetIn, Exception? cause) => new($"{what}: {refusal}", wasLetIn || refusal.MayPass, cause) { Refusal = refusal };

    // What librdkafka does not tell: a broker that wants TLS or a login hangs up on who comes without, and a token endpoint that fails is asked again and again.
    private static string Hint(KafkaOptions kafka, string reason) => reason.StartsWith("Connect to ", StringComparison.Ordinal) ? ""
        : KafkaProperties.MechanismOf(kafka.Settings) == KafkaProperties.Bearer ? "; or see in the log of sasl.oauthbearer.token.endpoint.url why no token comes"
        : kafka.Settings.ContainsKey("security.protocol") ? "" : "; one that wants TLS or a login hangs up: give security.protocol and what belongs to it in Etl__Kafka__Client";

    /// <summary>Codes that the broker itself calls retriable, and what librdkafka tells of a connection.</summary>
    private static bool IsTransientCode(ErrorCode code) => code is ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderForPartition or ErrorCode.RequestTimedOut
        or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.NotController or ErrorCode.ReplicaNotAvailable or ErrorCode.NetworkException
        or ErrorCode.KafkaStorageError or ErrorCode.UnknownLeaderEpoch or ErrorCode.FencedLeaderEpoch or ErrorCode.OffsetNotAvailable or ErrorCode.ThrottlingQuotaExceeded
        or ErrorCode.Local_QueueFull or ErrorCode.Local_MsgTimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_Fatal;
}

using Confluent.Kafka;

namespace Etl.Topics;

/// <summary>
/// What librdkafka tells of its connections beside the calls, which by themselves only run out of time: that login or TLS was refused, or why a connection was closed.
/// A client that no broker lets in, and that none has let in before, is told so at once.
/// </summary>
internal sealed class ConnectionTrouble(KafkaOptions kafka)
{
    private readonly Lock gate = new();
    private TaskCompletionSource turnedAway = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? refusal; // login or TLS
    private string? closed;
    private bool areAllDown;
    private bool hasAnswered;

    /// <summary>Takes what librdkafka tells; on any thread.</summary>
    public void Note(Error error)
    {
        lock (gate)
        {
            switch (error.Code)
            {
                case ErrorCode.Local_Authentication or ErrorCode.Local_Ssl: refusal = error.Reason; break;
                case ErrorCode.Local_AllBrokersDown: areAllDown = true; break;
                case ErrorCode.Local_Transport when error.Reason.Contains("SSL routines", StringComparison.Ordinal): refusal ??= error.Reason; break; // the broker's judgement of the client's certificate comes after the handshake
                case ErrorCode.Local_Transport: closed = error.Reason; break;
            }
            // Without a token no broker is asked, so none is down.
            if (refusal is { } reason && !hasAnswered && (areAllDown || reason.Contains("OAUTHBEARER token", StringComparison.Ordinal))) Volatile.Read(ref turnedAway).TrySetResult();
        }
    }

    /// <summary>Awaits a call's answer.</summary>
    /// <param name="what">What is being done: "listing topics".</param>
    /// <exception cref="TopicException">It failed, or there was none.</exception>
    public async Task<T> AskAsync<T>(string what, Task<T> call, CancellationToken cancel)
    {
        try
        {
            var refused = Volatile.Read(ref turnedAway);
            if (await Task.WhenAny(call, refused.Task).WaitAsync(cancel) != call)
            {
                Interlocked.CompareExchange(ref turnedAway, new(TaskCreationOptions.RunContinuationsAsynchronously), refused); // told; the next call may be let in
                _ = call.ContinueWith(static left => left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                throw Explain(what, null);
            }
            var answer = await call;
            lock (gate) (hasAnswered, refusal, closed, areAllDown) = (true, null, null, false);
            return answer;
        }
        catch (KafkaException cause)
        {
            bool isSilence = cause.Error.Code is ErrorCode.Local_TimedOut or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport;
            throw isSilence ? Explain(what, cause) : TopicException.Of(cause, what, kafka);
        }
    }

    private TopicException Explain(string what, KafkaException? cause)
    {
        lock (gate)
        {
            // Settings that were let in before are good: the trouble is outside then, and may pass.
            return refusal is { } reason ? TopicException.TurnedAway(what, Refusal.Of(reason, kafka), hasAnswered, cause)
                : TopicException.Unreachable(what, kafka, Refusal.Plain(closed ?? cause?.Error.Reason ?? "no answer"), cause);
        }
    }
}

using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

internal enum RetryDecision
{
    Rethrow,
    SameNode,
    NextNode,
}

/// <summary>Whether a request that a server refused is sent again. The consistency is never lowered.</summary>
internal static class RetryRules
{
    /// <summary>Sends after the first, at most.</summary>
    public const int RetriesMax = 3;

    public static RetryDecision Decide(ErrorMessage error, bool isIdempotent, int retries) => error.Code switch
    {
        _ when retries >= RetriesMax => RetryDecision.Rethrow,
        // Enough replicas answered, and the one that was asked for the data did not: the next try asks another.
        CqlErrorCode.ReadTimeout => retries == 0 && error.Received >= error.Required && !error.DataPresent ? RetryDecision.SameNode : RetryDecision.Rethrow,
        CqlErrorCode.WriteTimeout => retries == 0 && MayWriteAgain(error.WriteType, isIdempotent) ? RetryDecision.SameNode : RetryDecision.Rethrow,
        // Nothing was done. Another node may see more replicas.
        CqlErrorCode.Unavailable => retries == 0 ? RetryDecision.NextNode : RetryDecision.Rethrow,
        CqlErrorCode.Overloaded or CqlErrorCode.Bootstrapping or CqlErrorCode.Server => isIdempotent ? RetryDecision.NextNode : RetryDecision.Rethrow,
        _ => RetryDecision.Rethrow,
    };

    private static bool MayWriteAgain(string writeType, bool isIdempotent) => writeType switch
    {
        "BATCH_LOG" => true, // the log was not written, so nothing of the batch was
        "SIMPLE" or "UNLOGGED_BATCH" or "BATCH" => isIdempotent,
        _ => false,
    };
}

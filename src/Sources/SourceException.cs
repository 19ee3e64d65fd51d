using Etl.Contracts;
using Etl.Contracts.Workflow;

namespace Etl.Sources;

/// <summary>A source did not give what was asked of it. Its class says whether asking again helps; nothing was taken from the answer.</summary>
/// <param name="failure">
/// Transient: not reached, overloaded, answer cut off. Throttled: asked for patience. Contract: the request is refused, or the answer is not of the
/// agreed shape. Data: a value that cannot be.
/// </param>
/// <param name="message">What was found, what was expected, where.</param>
/// <param name="retryAfter">How long the source asks not to be called again; always there when it is throttled.</param>
public sealed class SourceException(FailureClass failure, string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : StoreException(message, failure is FailureClass.Transient or FailureClass.Throttled, inner)
{
    public FailureClass Class => failure;

    public TimeSpan? RetryAfter => retryAfter;
}

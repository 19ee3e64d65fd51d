namespace Etl.Embedded.Broker;

/// <summary>The broker cannot do its work for a reason outside it: a port, a folder, a disk. The message says what was found, what was expected and how to mend it.</summary>
/// <param name="isTransient">Trying again later can help without anybody's doing.</param>
public sealed class BrokerException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    public bool IsTransient { get; } = isTransient;
}

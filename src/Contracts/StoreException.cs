namespace Etl.Contracts;

/// <summary>Trouble with the world outside. <see cref="IsTransient"/> is the one thing that retrying looks at.</summary>
public class StoreException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the same call may succeed later without anybody's help.</summary>
    public bool IsTransient => isTransient;
}

/// <summary>The local disk took no more, or refused: nothing is unreachable, somebody has to make room or mend its rights.</summary>
public sealed class DiskException(string message, bool isTransient, Exception? inner = null) : StoreException(message, isTransient, inner);

namespace Etl.Topics.Registry;

/// <summary>A schema registry that cannot be reached, or refused.</summary>
public sealed class RegistryException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the same call may succeed later without anybody's help.</summary>
    public bool IsTransient => isTransient;
}

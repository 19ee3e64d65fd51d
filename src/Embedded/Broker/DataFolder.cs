namespace Etl.Embedded.Broker;

/// <summary>The broker's folder: who has it, and what is wrong with it.</summary>
internal static class DataFolder
{
    private const string LockName = "broker.lock";
    private const int NoSpaceOnUnix = 28;
    private const int NoSpaceOnWindows = unchecked((int)0x80070070);

    /// <summary>Makes the folder if need be and holds it until the stream is closed, by the process's death too.</summary>
    /// <exception cref="BrokerException">Another broker has it.</exception>
    public static FileStream Take(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, LockName);
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(path) && !IsFull(error))
        {
            throw new BrokerException($"{folder} is held by another broker; expected it to be free. Stop that broker, or choose another folder.", isTransient: true, error);
        }
    }

    /// <summary>The one sentence for a folder that cannot be used.</summary>
    public static BrokerException Explain(string folder, Exception error) => error switch
    {
        UnauthorizedAccessException => new($"{folder} cannot be written by this user ({error.Message}); expected a folder of one's own. Change its owner, or choose another folder.", isTransient: false, error),
        _ when IsFull(error) => new($"the disk of {folder} is full; expected room for the broker's files. Free space and start again.", isTransient: true, error),
        _ => new($"{folder} cannot be used: {error.Message}", isTransient: false, error),
    };

    public static bool IsFull(Exception error) => error is IOException && (error.HResult == NoSpaceOnUnix || error.HResult == NoSpaceOnWindows || (error.HResult & 0xFFFF) == NoSpaceOnUnix);
}

using System.Text.Json;
using Etl.Cli.Settings;
using Etl.Contracts;

namespace Etl.Cli.Hosting;

/// <summary>The folder of all state. One process at a time holds its lock and serves; others find its addresses there.</summary>
public sealed class DataFolder : IDisposable
{
    private const string LockFile = "lock";

    private readonly FileStream? _lock;

    private DataFolder(string path, FileStream? @lock) => (Path, _lock) = (path, @lock);

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Whether this process holds the lock, and so serves.</summary>
    public bool IsOwner => _lock is not null;

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Whether a folder is there that was opened before.</summary>
    public static bool Holds(string path) => System.IO.File.Exists(System.IO.Path.Combine(path, LockFile));

    /// <summary>Opens the folder, making it when missing, and takes its lock if nobody has it.</summary>
    /// <exception cref="StoreException">It cannot be made or written to.</exception>
    public static DataFolder Open(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
            using (System.IO.File.Create(System.IO.Path.Combine(full, $".probe-{Environment.ProcessId}"), 1, FileOptions.DeleteOnClose)) { }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"data folder {full}: expected a folder that can be written to, found: {error.Message.TrimEnd('.')}. Choose another with --data DIR", isTransient: false);
        }
        try { return new(full, new FileStream(System.IO.Path.Combine(full, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)); }
        catch (IOException) { return new(full, null); }
    }

    /// <exception cref="ConflictException">Another process has the folder.</exception>
    public void MustOwn(string verb)
    {
        if (!IsOwner) throw new ConflictException($"{verb}: the data folder {Path} is in use{(Serving() is { } other ? $" by process {other.ProcessId}" : "")}; stop that process, or choose another folder with --data DIR");
    }

    /// <summary>Where the owner serves; null when nobody does.</summary>
    public ServingAddresses? Serving()
    {
        try { return JsonSerializer.Deserialize<ServingAddresses>(System.IO.File.ReadAllText(In(ServingAddresses.File))); }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException) { return null; }
    }

    public void Announce(ServingAddresses addresses)
    {
        string temporary = In($"{ServingAddresses.File}.new");
        System.IO.File.WriteAllText(temporary, JsonSerializer.Serialize(addresses));
        System.IO.File.Move(temporary, In(ServingAddresses.File), overwrite: true);
    }

    public void Dispose()
    {
        if (_lock is null) return;
        System.IO.File.Delete(In(ServingAddresses.File));
        _lock.Dispose();
    }
}

/// <summary>Where the process that owns the folder listens.</summary>
public sealed record ServingAddresses(int ProcessId, string Kafka, string Registry)
{
    public const string File = "serving.json";
}

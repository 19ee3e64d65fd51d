using System.Globalization;
using Etl.Contracts;

namespace Etl.Lake;

/// <summary>Names and places of the lake's files: <c>dataset/yyyy-mm/token-n.parquet</c>. A file gets its final name only when its bytes are on disk, and no name is used twice.</summary>
/// <param name="folder">The lake's folder; made when missing.</param>
public sealed class LakeFiles(string folder)
{
    private const string Ending = ".parquet";
    private const string TemporaryEnding = ".parquet.tmp";

    // Of the process, not of an instance: two lakes of one process may write under one token.
    private static long _lastNumber;

    /// <summary>Full path, with no separator at its end.</summary>
    public string Folder { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>A lake path on this machine.</summary>
    public string FullPath(string path) => Path.Combine(Folder, path);

    /// <summary>Writes a file under a temporary name, makes it durable, and gives it its final name.</summary>
    /// <param name="month">Any instant of the month, UTC, that names the folder.</param>
    /// <param name="write">Writes the whole file at the full path that it is given.</param>
    /// <returns>The lake path and the size.</returns>
    /// <exception cref="DiskException">The disk refused: full, read-only, gone.</exception>
    public async Task<(string Path, long Bytes)> WriteAsync(string dataset, DateTimeOffset month, long token, Func<string, Task> write)
    {
        string below = $"{dataset}/{month.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture)}";
        string name, final;
        do // files of a lost store, whose tokens began at 1 too, keep their names
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{token}-{Interlocked.Increment(ref _lastNumber)}");
            final = $"{FullPath(below)}/{name}{Ending}";
        }
        while (File.Exists(final));
        string temporary = $"{FullPath(below)}/{name}{TemporaryEnding}";
        try
        {
            MakeFolder(FullPath(below));
            await write(temporary);
            long bytes = Flush(temporary);
            CrashPoints.Reached(CrashPoint.FileWritten);
            File.Move(temporary, final, overwrite: false);
            FolderSync.Flush(FullPath(below));
            CrashPoints.Reached(CrashPoint.FileRenamed);
            return ($"{below}/{name}{Ending}", bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DiskException($"cannot write {final}: {error.Message}. Mend: give the folder space and the right to write, then run again", IsTransient(error), error);
        }
    }

    /// <summary>All Parquet files and temporary files of the lake, as lake paths in order.</summary>
    public IReadOnlyList<string> All()
    {
        if (!Directory.Exists(Folder)) return [];
        return
        [
            .. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Folder, path).Replace('\\', '/'))
                .Where(path => TokenOf(path) is not null)
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Deletes a file; that it is gone already is no fault.</summary>
    public void Delete(string path)
    {
        try { File.Delete(FullPath(path)); }
        catch (DirectoryNotFoundException) { } // gone with its folder
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DiskException($"cannot delete {FullPath(path)}: {error.Message}", IsTransient(error), error);
        }
    }

    /// <summary>The token in a lake path, of a temporary file too; null when it is not a name of ours.</summary>
    public static long? TokenOf(string path) => NameOf(path)?.Token;

    /// <summary>Token and number of a lake path; null when it is not a name of ours.</summary>
    public static (long Token, long Number)? NameOf(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        if (name.EndsWith(Ending, StringComparison.Ordinal)) name = name[..^Ending.Length];
        else if (name.EndsWith(TemporaryEnding, StringComparison.Ordinal)) name = name[..^TemporaryEnding.Length];
        else return null;
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && long.TryParse(name.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out long token)
            && long.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? (token, number) : null;
    }

    public static bool IsTemporary(string path) => path.EndsWith(TemporaryEnding, StringComparison.Ordinal);

    private void MakeFolder(string path)
    {
        if (Directory.Exists(path)) return;
        Directory.CreateDirectory(path);
        for (string? at = Path.GetDirectoryName(path); at is not null && at.Length >= Folder.Length; at = Path.GetDirectoryName(at)) FolderSync.Flush(at);
    }

    private static long Flush(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
        return RandomAccess.GetLength(handle);
    }

    // Rights do not mend themselves; space and mounts may.
    private static bool IsTransient(Exception error) => error is IOException and not (PathTooLongException or DirectoryNotFoundException or FileNotFoundException);
}

using System.Runtime.InteropServices;
using Etl.Contracts;

namespace Etl.Lake;

/// <summary>Makes a folder's entries (a new or renamed file) survive a power cut.</summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;

    /// <summary>fsync of the folder. Does nothing on Windows, where NTFS journals names and folders cannot be flushed.</summary>
    /// <exception cref="StoreException">The folder is not there, or the disk refused.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int descriptor = Open(folder, ReadOnly);
        if (descriptor < 0) throw Refused("open", folder);
        try
        {
            if (Sync(descriptor) != 0) throw Refused("sync", folder);
        }
        finally { _ = Close(descriptor); }
    }

    private static StoreException Refused(string verb, string folder) =>
        new($"cannot {verb} folder {folder}: {Marshal.GetLastPInvokeErrorMessage()}", isTransient: false);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}

using Microsoft.Win32.SafeHandles;

namespace Etl.Embedded.Broker.Log;

/// <summary>Small files that are whole or absent after a crash.</summary>
internal static class DurableFile
{
    /// <summary>Writes a temporary file, forces it to the disk, and renames it over the path.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        string temporary = path + ".tmp";
        using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, bytes, 0);
            RandomAccess.FlushToDisk(handle);
        }
        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Forces names made, renamed or removed in a folder to the disk; Windows does so by itself.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int descriptor = Posix.Open(folder, 0);
        if (descriptor < 0) return; // a file system without it: the next fsync of a file carries the names
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        _ = Posix.Fsync(descriptor);
    }

    private static class Posix
    {
        [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "open", SetLastError = true)]
        internal static extern int Open([System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string path, int flags);

        [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        internal static extern int Fsync(int descriptor);
    }
}

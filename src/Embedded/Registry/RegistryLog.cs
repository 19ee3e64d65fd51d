using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Etl.Embedded.Registry;

/// <summary>
/// The changes on disk: a line each, its CRC-32C in front, appended and synced before the caller is answered. After a crash the last line may be
/// torn: it was never acknowledged, and is cut.
/// </summary>
internal sealed class RegistryLog : IDisposable
{
    private const int ChecksumDigits = 8;

    private readonly FileStream file;

    private RegistryLog(FileStream file) => this.file = file;

    /// <summary>Opens the log, or makes an empty one, and hands every change in it to <paramref name="onChange"/>.</summary>
    /// <exception cref="IOException">The file is in use, or cannot be written.</exception>
    /// <exception cref="InvalidDataException">A line before the last is damaged: nothing is cut, nothing is lost silently.</exception>
    public static RegistryLog Open(string path, Action<RegistryChange> onChange)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            long good = Replay(bytes, path, onChange);
            if (good < bytes.Length)
            {
                file.SetLength(good);
                file.Flush(flushToDisk: true);
            }
            file.Position = good;
            return new(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Returns when the change is on the disk. After a failure the log is as it was before.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Append(RegistryChange change)
    {
        long before = file.Position;
        try
        {
            file.Write(LineOf(change));
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            file.SetLength(before);
            file.Position = before;
            throw;
        }
    }

    public void Dispose() => file.Dispose();

    internal static byte[] LineOf(RegistryChange change)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(change, RegistryJson.Default.RegistryChange);
        return [.. Encoding.ASCII.GetBytes($"{ChecksumOf(json):x8} "), .. json, (byte)'\n'];
    }

    /// <returns>Length of the good part.</returns>
    private static int Replay(ReadOnlySpan<byte> bytes, string path, Action<RegistryChange> onChange)
    {
        int at = 0;
        for (int number = 1; at < bytes.Length; number++)
        {
            int length = bytes[at..].IndexOf((byte)'\n');
            if (length < 0) break; // torn
            if (ChangeOf(bytes.Slice(at, length)) is not { } change)
            {
                if (at + length + 1 == bytes.Length) break; // the last line: its parts may reach the disk in any order
                throw new InvalidDataException($"{path}, line {number}: found a line that does not match its checksum, with whole lines behind it; "
                    + "expected damage at the end only. Restore the file, or delete the lines from there on if their schemas are not needed.");
            }
            onChange(change);
            at += length + 1;
        }
        return at;
    }

    private static RegistryChange? ChangeOf(ReadOnlySpan<byte> line)
    {
        if (line.Length <= ChecksumDigits || line[ChecksumDigits] != ' ') return null;
        var json = line[(ChecksumDigits + 1)..];
        if (!uint.TryParse(line[..ChecksumDigits], System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint checksum) || checksum != ChecksumOf(json)) return null;
        return JsonSerializer.Deserialize(json, RegistryJson.Default.RegistryChange);
    }

    private static uint ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        uint checksum = uint.MaxValue;
        foreach (byte one in bytes) checksum = BitOperations.Crc32C(checksum, one);
        return ~checksum;
    }
}

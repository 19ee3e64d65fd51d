using Etl.Codecs.Kafka;
using Microsoft.Win32.SafeHandles;

namespace Etl.Embedded.Broker.Log;

/// <summary>One file of a partition's log, named by its first offset, with its index. Readers hold it open while they send from it.</summary>
internal sealed class Segment
{
    public const string LogEnd = ".log", IndexEnd = ".index", ProducersEnd = ".producers";

    private readonly string _folder;
    private int _holders = 1;

    public Segment(string folder, long baseOffset, SegmentIndex index)
    {
        _folder = folder;
        BaseOffset = baseOffset;
        Index = index;
        // Not sequential: the kernel would drop pages that a consumer reads soon after.
        Handle = File.OpenHandle(LogPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
    }

    public long BaseOffset { get; }

    public SegmentIndex Index { get; set; }

    public SafeFileHandle Handle { get; }

    /// <summary>Bytes of whole batches; of the last segment the writer's view, readers take theirs from <see cref="LogView"/>.</summary>
    public int Length { get; set; }

    /// <summary>When the last batch came, in milliseconds since 1970 UTC.</summary>
    public long LastAppend { get; set; }

    public string LogPath => PathOf(_folder, BaseOffset, LogEnd);

    public string IndexPath => PathOf(_folder, BaseOffset, IndexEnd);

    /// <summary>State of the idempotent producers before this segment.</summary>
    public string ProducersPath => PathOf(_folder, BaseOffset, ProducersEnd);

    public static string PathOf(string folder, long offset, string end) => Path.Combine(folder, $"{offset:D20}{end}");

    /// <summary>Reads the header of the batch at <paramref name="position"/>.</summary>
    /// <exception cref="InvalidDataException">There is no batch: the file was changed from outside.</exception>
    public RecordBatchHeader HeaderAt(int position)
    {
        Span<byte> bytes = stackalloc byte[RecordBatchHeader.Bytes];
        int read = RandomAccess.Read(Handle, bytes, position);
        if (!RecordBatchHeader.TryRead(bytes[..read], out var header) || !RecordBatch.IsPlausible(header))
            throw new InvalidDataException($"{LogPath}: no record batch at byte {position}; expected one. The file was changed while the broker ran.");
        return header;
    }

    /// <summary>Keeps the file open; false if it was let go already.</summary>
    public bool TryHold()
    {
        for (int holders = Volatile.Read(ref _holders); holders > 0;)
        {
            int found = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (found == holders) return true;
            holders = found;
        }
        return false;
    }

    /// <summary>Ends a hold; the last one closes the file.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0) Handle.Dispose();
    }

    /// <summary>Removes the files; those who hold the segment still read it.</summary>
    public void Delete()
    {
        foreach (string path in (string[])[LogPath, IndexPath, ProducersPath]) File.Delete(path);
        Release();
    }
}

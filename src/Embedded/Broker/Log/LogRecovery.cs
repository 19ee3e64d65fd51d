using System.Buffers;
using System.Globalization;
using Etl.Codecs.Kafka;

namespace Etl.Embedded.Broker.Log;

/// <summary>A log as it was found on disk and made good.</summary>
/// <param name="Repairs">What was cut or made anew, in words; empty after a clean close.</param>
internal sealed record RecoveredLog(Segment[] Segments, long StartOffset, long NextOffset, ProducerStates Producers, IReadOnlyList<string> Repairs);

/// <summary>
/// Opens a partition's folder. The last segment is scanned batch by batch, with checksums, and cut behind the last whole one, unless it was closed
/// cleanly; earlier segments were forced to the disk when they were closed and are taken by their index, which is made anew if missing or torn.
/// </summary>
internal static class LogRecovery
{
    private const int ChunkBytes = 1 << 20;

    public static RecoveredLog Open(string folder, LogSettings settings)
    {
        Directory.CreateDirectory(folder);
        long[] bases = [.. Directory.EnumerateFiles(folder, "*" + Segment.LogEnd).Select(BaseOf).Order()];
        long start = StartOffsetFile.Read(folder);
        if (bases.Length == 0) bases = [start];
        var repairs = new List<string>();
        var segments = new Segment[bases.Length];
        long next = 0;
        bool clean = false;
        for (int i = 0; i < bases.Length; i++)
        {
            var segment = segments[i] = new Segment(folder, bases[i], new(settings.IndexIntervalBytes));
            segment.LastAppend = new DateTimeOffset(File.GetLastWriteTimeUtc(segment.LogPath)).ToUnixTimeMilliseconds();
            clean = TakeByIndex(segment, settings, out next);
            if (!clean) next = Scan(segment, settings, repairs);
        }
        var producers = ReadProducers(folder, segments, clean ? next : -1);
        ForgetCleanClose(segments[^1], next);
        return new(segments, Math.Max(start, bases[0]), Math.Max(next, start), producers, repairs);
    }

    private static long BaseOf(string path) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out long offset)
            ? offset
            : throw new BrokerException($"{path}: is not named by an offset of 20 digits; move it out of the broker's folder.", isTransient: false);

    private static bool TakeByIndex(Segment segment, LogSettings settings, out long endOffset)
    {
        long bytes = RandomAccess.GetLength(segment.Handle);
        if (SegmentIndex.Load(segment.IndexPath, settings.IndexIntervalBytes, bytes, out endOffset) is not { } index) return false;
        segment.Index = index;
        segment.Length = (int)bytes;
        return true;
    }

    // Returns the offset after the last whole batch; what follows it is cut off.
    private static long Scan(Segment segment, LogSettings settings, List<string> repairs)
    {
        long next = segment.BaseOffset, bytes = RandomAccess.GetLength(segment.Handle);
        var index = new SegmentIndex(settings.IndexIntervalBytes);
        int position = 0;
        foreach (var header in WholeBatches(segment, bytes))
        {
            if (header.BaseOffset < next || header.LastOffset - segment.BaseOffset > int.MaxValue) break; // bytes of another file: offsets only ascend
            index.Add(segment.BaseOffset, position, header);
            position += (int)header.TotalBytes;
            next = header.LastOffset + 1;
        }
        if (position < bytes)
        {
            repairs.Add($"{segment.LogPath}: cut from {bytes} to {position} bytes, behind the last whole batch (offset {next - 1}).");
            RandomAccess.SetLength(segment.Handle, position);
            RandomAccess.FlushToDisk(segment.Handle);
        }
        segment.Index = index;
        segment.Length = position;
        return next;
    }

    /// <summary>The batches of a segment as long as they are whole and their checksums match.</summary>
    internal static IEnumerable<RecordBatchHeader> WholeBatches(Segment segment, long bytes)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            long position = 0;
            int start = 0, end = 0;
            while (true)
            {
                var fault = RecordBatch.Check(buffer.AsSpan(start, end - start), out var header);
                if (fault == BatchFault.None)
                {
                    yield return header;
                    start += (int)header.TotalBytes;
                    position += header.TotalBytes;
                    continue;
                }
                if (fault != BatchFault.Cut || position + (end - start) >= bytes) yield break;
                long needed = end - start < RecordBatchHeader.Bytes ? RecordBatchHeader.Bytes : header.TotalBytes;
                if (position + needed > bytes) yield break;
                buffer = Refill(segment, buffer, ref start, ref end, position, needed);
                if (end < needed) yield break;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Refill(Segment segment, byte[] buffer, ref int start, ref int end, long position, long needed)
    {
        byte[] target = needed > buffer.Length ? ArrayPool<byte>.Shared.Rent((int)needed) : buffer;
        buffer.AsSpan(start, end - start).CopyTo(target);
        if (!ReferenceEquals(target, buffer)) ArrayPool<byte>.Shared.Return(buffer);
        (start, end) = (0, end - start);
        while (end < target.Length)
        {
            int read = RandomAccess.Read(segment.Handle, target.AsSpan(end), position + end);
            if (read == 0) break;
            end += read;
        }
        return target;
    }

    // A clean close leaves their state at the log's end; otherwise there is the one at the last segment's start, or all batches are read.
    private static ProducerStates ReadProducers(string folder, Segment[] segments, long cleanEnd)
    {
        var producers = new ProducerStates();
        if (cleanEnd >= 0 && producers.TryLoad(Segment.PathOf(folder, cleanEnd, Segment.ProducersEnd))) return producers;
        foreach (var segment in producers.TryLoad(segments[^1].ProducersPath) ? segments[^1..] : segments) AddProducers(segment, producers);
        return producers;
    }

    private static void AddProducers(Segment segment, ProducerStates producers)
    {
        for (int position = 0; position < segment.Length;)
        {
            var header = segment.HeaderAt(position);
            producers.Add(header);
            position += (int)header.TotalBytes;
        }
    }

    // From here on the last segment grows: if the process is killed, the next start must scan it.
    private static void ForgetCleanClose(Segment active, long next)
    {
        File.Delete(active.IndexPath);
        if (next != active.BaseOffset) File.Delete(Segment.PathOf(Path.GetDirectoryName(active.LogPath)!, next, Segment.ProducersEnd));
    }
}

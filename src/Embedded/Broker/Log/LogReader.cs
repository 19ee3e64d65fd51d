using System.Buffers;
using Etl.Codecs.Kafka;

namespace Etl.Embedded.Broker.Log;

/// <summary>Finds records in a view of a log: by offset for Fetch, by time for ListOffsets. Takes no lock.</summary>
internal static class LogReader
{
    /// <summary>The whole batches from the one that contains the offset, inside one segment.</summary>
    /// <param name="bytesMax">The range is no longer, unless the first batch alone is.</param>
    /// <param name="firstWhole">Whether a first batch beyond <paramref name="bytesMax"/> is given all the same.</param>
    /// <param name="range">Holds its segment when true is returned: release it.</param>
    public static bool TryFind(LogView view, long offset, int bytesMax, bool firstWhole, out LogRange range)
    {
        range = default;
        if (offset >= view.HighWatermark) return false;
        for (int i = view.SegmentAt(offset); i < view.Segments.Length; i++)
        {
            var segment = view.Segments[i];
            if (!segment.TryHold()) return false; // retention took it: the client asks again and learns the new start
            int length = 0;
            try
            {
                int end = view.EndOf(segment);
                int position = PositionOf(segment, end, offset);
                if (position >= end) continue; // a hole at the segment's end
                length = WholeLength(segment, position, end, bytesMax, firstWhole);
                if (length == 0) return false;
                range = new(segment, position, length);
                return true;
            }
            finally
            {
                if (length == 0) segment.Release();
            }
        }
        return false;
    }

    /// <summary>The first record whose timestamp is at or after the time, in milliseconds since 1970 UTC.</summary>
    /// <returns>Its timestamp and offset, both -1 if there is none.</returns>
    public static (long Timestamp, long Offset) FindTime(LogView view, long timestamp)
    {
        foreach (var segment in view.Segments)
        {
            int end = view.EndOf(segment);
            if (segment.Index.MaxTimestamp < timestamp || end == 0 || !segment.TryHold()) continue;
            try
            {
                for (int position = segment.Index.BeforeTime(timestamp).Position; position < end;)
                {
                    var header = segment.HeaderAt(position);
                    if (header.MaxTimestamp >= timestamp && header.LastOffset >= view.StartOffset
                        && FindInBatch(segment, position, header, timestamp, view.StartOffset) is { } found) return found;
                    position += (int)header.TotalBytes;
                }
            }
            finally
            {
                segment.Release();
            }
        }
        return (-1, -1);
    }

    /// <summary>The first record of the log's greatest timestamp; both -1 in an empty log.</summary>
    public static (long Timestamp, long Offset) FindGreatestTime(LogView view)
    {
        long greatest = -1;
        foreach (var segment in view.Segments)
            if (view.EndOf(segment) > 0) greatest = Math.Max(greatest, segment.Index.MaxTimestamp);
        return greatest < 0 || view.HighWatermark == view.StartOffset ? (-1, -1) : FindTime(view, greatest);
    }

    private static int PositionOf(Segment segment, int end, long offset)
    {
        int position = segment.Index.AtOrBeforeOffset(offset - segment.BaseOffset).Position;
        while (position < end)
        {
            var header = segment.HeaderAt(position);
            if (header.LastOffset >= offset) break;
            position += (int)header.TotalBytes;
        }
        return position;
    }

    private static int WholeLength(Segment segment, int position, int end, int bytesMax, bool firstWhole)
    {
        if (end - position <= bytesMax) return end - position;
        long limit = (long)position + bytesMax;
        int at = Math.Max(position, segment.Index.AtOrBeforePosition(limit).Position);
        while (at < end)
        {
            long next = at + segment.HeaderAt(at).TotalBytes;
            if (next > limit) break;
            at = (int)next;
        }
        if (at > position || !firstWhole) return at - position;
        return (int)segment.HeaderAt(position).TotalBytes;
    }

    private static (long Timestamp, long Offset)? FindInBatch(Segment segment, int position, in RecordBatchHeader header, long timestamp, long startOffset)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent((int)header.TotalBytes);
        try
        {
            int read = RandomAccess.Read(segment.Handle, bytes.AsSpan(0, (int)header.TotalBytes), position);
            return RecordTimes.FindFirst(bytes.AsSpan(0, read), header, timestamp, startOffset);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}

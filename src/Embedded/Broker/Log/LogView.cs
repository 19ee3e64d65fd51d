namespace Etl.Embedded.Broker.Log;

/// <summary>What readers may see of a partition at one moment; it never changes, so they need no lock.</summary>
/// <param name="Segments">In order of their offsets, at least one.</param>
/// <param name="StartOffset">The first offset that is there.</param>
/// <param name="HighWatermark">One past the last readable offset.</param>
/// <param name="EndPosition">Bytes of the last segment below the high watermark.</param>
internal sealed record LogView(Segment[] Segments, long StartOffset, long HighWatermark, int EndPosition)
{
    public Segment Active => Segments[^1];

    public int EndOf(Segment segment) => ReferenceEquals(segment, Active) ? EndPosition : segment.Length;

    /// <summary>Place of the last segment that begins at or before the offset.</summary>
    public int SegmentAt(long offset)
    {
        int low = 0, high = Segments.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Segments[middle].BaseOffset <= offset) low = middle + 1;
            else high = middle;
        }
        return Math.Max(0, low - 1);
    }
}

/// <summary>Whole batches in one file. Whoever has it holds the segment, and releases it once.</summary>
internal readonly record struct LogRange(Segment Segment, int Position, int Length);

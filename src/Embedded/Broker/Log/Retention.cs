namespace Etl.Embedded.Broker.Log;

/// <summary>Decides which segments may go. They go from the front only.</summary>
internal static class Retention
{
    /// <summary>How many segments lie wholly below the log's start.</summary>
    public static int BeforeStart(LogView view)
    {
        int count = 0;
        while (count + 1 < view.Segments.Length && view.Segments[count + 1].BaseOffset <= view.StartOffset) count++;
        return count;
    }

    /// <summary>How many segments are too old, or too many bytes; all of them if even the last one is too old.</summary>
    /// <param name="now">Milliseconds since 1970 UTC.</param>
    public static int Expired(LogView view, LogSettings settings, long now)
    {
        long bytes = 0;
        foreach (var segment in view.Segments) bytes += view.EndOf(segment);
        int count = 0;
        for (; count < view.Segments.Length; count++)
        {
            var segment = view.Segments[count];
            int length = view.EndOf(segment);
            bool last = count == view.Segments.Length - 1;
            bool tooOld = length > 0 && settings.RetentionMilliseconds >= 0 && Math.Max(segment.Index.MaxTimestamp, segment.LastAppend) < now - settings.RetentionMilliseconds;
            bool tooMuch = !last && settings.RetentionBytes >= 0 && bytes - length >= settings.RetentionBytes;
            if (!tooOld && !tooMuch) break;
            bytes -= length;
        }
        return Math.Max(count, BeforeStart(view));
    }
}

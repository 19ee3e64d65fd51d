namespace Etl.Contracts;

/// <summary>Every place where the process may end with something half done; tests enumerate them.</summary>
public enum CrashPoint
{
    /// <summary>The temporary Parquet file is written, not yet renamed.</summary>
    FileWritten,

    /// <summary>The file has its final name and is synced; nothing lists it.</summary>
    FileRenamed,

    /// <summary>All statements of a commit ran; COMMIT was not sent.</summary>
    CommitPrepared,

    /// <summary>The commit is in the store; the caller has not heard of it.</summary>
    Committed,

    /// <summary>The intent to publish is recorded; no row was written.</summary>
    PublishIntended,

    /// <summary>Some rows of the window were written to the sink, not all.</summary>
    PublishHalf,

    /// <summary>The sink holds the window; its confirmation is not in the store.</summary>
    PublishWritten,

    /// <summary>A slot is claimed; its work has not begun.</summary>
    SlotClaimed,

    /// <summary>Everything of a batch is committed; the next position was not told to Kafka.</summary>
    LandCommitted,

    /// <summary>Compaction committed; the replaced files are retired, not deleted.</summary>
    Compacted,

    /// <summary>Vacuum or sweep deleted a file; the store still lists it as retired.</summary>
    FileDeleted,
}

/// <summary>Where code says which crash point it has reached. Does nothing unless a test listens in the same flow of control.</summary>
public static class CrashPoints
{
    private static readonly AsyncLocal<Action<CrashPoint>?> Listener = new();

    public static void Reached(CrashPoint point) => Listener.Value?.Invoke(point);

    /// <summary>For tests: calls <paramref name="onReached"/> at each point this flow of control reaches, until disposed.</summary>
    public static IDisposable Listen(Action<CrashPoint> onReached)
    {
        Listener.Value = onReached;
        return new Ending();
    }

    private sealed class Ending : IDisposable
    {
        public void Dispose() => Listener.Value = null;
    }
}

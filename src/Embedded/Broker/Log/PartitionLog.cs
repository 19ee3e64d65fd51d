using Etl.Codecs.Kafka;
using Microsoft.Win32.SafeHandles;

namespace Etl.Embedded.Broker.Log;

/// <summary>What became of a batch.</summary>
/// <param name="BaseOffset">Its first offset; -1 with an error.</param>
/// <param name="AppendTime">The stamp it got, in milliseconds since 1970 UTC; -1 if it kept its own times.</param>
internal readonly record struct AppendResult(KafkaError Error, long BaseOffset, long AppendTime, string? Message = null);

/// <summary>Writes bytes at a place of a file, all or an <see cref="IOException"/>. Tests put a full disk here.</summary>
internal delegate void WriteBytes(SafeFileHandle file, ReadOnlySpan<byte> bytes, long position);

/// <summary>
/// The log of one partition: segments in one folder, batches stored as they came. One lock orders appends; readers take <see cref="View"/> and need none.
/// </summary>
internal sealed class PartitionLog : IDisposable
{
    private readonly Lock _writing = new();
    private readonly Lock _syncing = new();
    private readonly TimeProvider _clock;
    private readonly WriteBytes _write;
    private readonly ProducerStates _producers;
    private LogView _view;
    private long _nextOffset;
    private long _unsynced;
    private bool _closed;
    private string? _broken;

    internal PartitionLog(string folder, LogSettings settings, RecoveredLog recovered, TimeProvider clock, WriteBytes? write = null)
    {
        Folder = folder;
        Settings = settings;
        _clock = clock;
        _write = write ?? RandomAccess.Write;
        _producers = recovered.Producers;
        _nextOffset = recovered.NextOffset;
        var active = recovered.Segments[^1];
        _view = new(recovered.Segments, recovered.StartOffset, recovered.NextOffset, active.Length);
        Watchers = new();
    }

    public string Folder { get; }

    public LogSettings Settings { get; set; }

    /// <summary>What readers see now.</summary>
    public LogView View => Volatile.Read(ref _view);

    /// <summary>Those who wait for records.</summary>
    public Watchers Watchers { get; }

    /// <summary>Appended bytes that no fsync has covered.</summary>
    public long UnsyncedBytes => Volatile.Read(ref _unsynced);

    internal int ProducerCount => _producers.Count;

    /// <summary>Called when the disk did not take a batch; set once before the first append.</summary>
    public Action<IOException>? StorageFaulted { get; init; }

    /// <summary>Called when unsynced bytes pass the bound; set once before the first append.</summary>
    public Action? WantsSync { get; set; }

    /// <summary>Checks, places and stores one batch. Its bytes are patched where they lie.</summary>
    public AppendResult Append(Span<byte> batch)
    {
        var settings = Settings;
        if (batch.Length > settings.MessageBytesMax)
            return new(KafkaError.MessageTooLarge, -1, -1, $"The batch has {batch.Length} bytes; the topic's max.message.bytes is {settings.MessageBytesMax}.");
        var fault = RecordBatch.CheckProduced(batch, out var header);
        if (fault != BatchFault.None) return Refuse(fault);
        var result = Append(batch, header, settings);
        if (result.Error != KafkaError.None) return result;
        if (settings.Fsync == FsyncPolicy.Always)
        {
            try
            {
                SyncAndPublish();
            }
            catch (IOException error)
            {
                return StorageFault(error);
            }
        }
        else if (UnsyncedBytes >= settings.FsyncBytes) WantsSync?.Invoke();
        Watchers.Wake();
        return result;
    }

    /// <summary>Forces what was appended to the disk.</summary>
    public void Sync()
    {
        if (Settings.Fsync == FsyncPolicy.Always || UnsyncedBytes > 0) SyncAndPublish();
    }

    /// <summary>Deletes the records below an offset: whole segments at once, the rest is no longer readable.</summary>
    /// <param name="offset">The first to stay; -1 deletes all there are.</param>
    /// <returns>The log's start, or <see cref="KafkaError.OffsetOutOfRange"/> if the offset is past the end.</returns>
    public (KafkaError Error, long StartOffset) DeleteBefore(long offset)
    {
        lock (_writing)
        {
            if (_closed) return (KafkaError.UnknownTopicOrPartition, -1);
            if (offset == -1) offset = _view.HighWatermark;
            if (offset < 0 || offset > _view.HighWatermark) return (KafkaError.OffsetOutOfRange, -1);
            if (offset <= _view.StartOffset) return (KafkaError.None, _view.StartOffset);
            StartOffsetFile.Write(Folder, offset);
            Publish(_view with { StartOffset = offset });
            if (offset == _view.HighWatermark && _view.Active.Length > 0) Roll();
            DropSegments(Retention.BeforeStart(_view));
            return (KafkaError.None, offset);
        }
    }

    /// <summary>Deletes the segments that are too old or too many.</summary>
    /// <returns>How many went.</returns>
    public int ApplyRetention()
    {
        lock (_writing)
        {
            if (_closed || _broken is not null) return 0;
            long now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
            int count = Retention.Expired(_view, Settings, now);
            if (count == _view.Segments.Length) Roll(); // the last one too: an empty one takes its place, so that offsets go on
            DropSegments(count);
            return count;
        }
    }

    /// <summary>Ends appends and lets the files go. After a clean close the next start needs no scan.</summary>
    /// <param name="save">False when the log is about to be deleted.</param>
    public void Close(bool save)
    {
        lock (_writing)
        {
            if (_closed) return;
            _closed = true;
            if (save && _broken is null) TrySaveEnd();
            foreach (var segment in _view.Segments) segment.Release();
        }
        Watchers.Wake();
    }

    // Where the disk takes no more, the next start scans the segment, as after a crash.
    private void TrySaveEnd()
    {
        try
        {
            lock (_syncing) RandomAccess.FlushToDisk(_view.Active.Handle);
            _view.Active.Index.Save(_view.Active.IndexPath, _view.Active.Length, _nextOffset);
            _producers.Save(Segment.PathOf(Folder, _nextOffset, Segment.ProducersEnd));
        }
        catch (IOException error)
        {
            StorageFaulted?.Invoke(error);
        }
    }

    public bool IsClosed => Volatile.Read(ref _closed);

    public void Dispose() => Close(save: true);

    private AppendResult Append(Span<byte> batch, RecordBatchHeader header, LogSettings settings)
    {
        lock (_writing)
        {
            if (_closed) return new(KafkaError.UnknownTopicOrPartition, -1, -1);
            if (_broken is not null) return new(KafkaError.KafkaStorageError, -1, -1, _broken);
            var verdict = _producers.Check(header);
            if (verdict.Error != KafkaError.None || verdict.StoredAt >= 0) return new(verdict.Error, verdict.StoredAt, -1);

            long now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
            RecordBatch.SetPlace(batch, _nextOffset, leaderEpoch: 0);
            if (settings.LogAppendTime) RecordBatch.SetAppendTime(batch, now);
            header = header with { BaseOffset = _nextOffset, MaxTimestamp = settings.LogAppendTime ? now : header.MaxTimestamp };
            try
            {
                Store(batch, header, settings, now);
            }
            catch (IOException error)
            {
                return StorageFault(error);
            }
            _producers.Add(header);
            return new(KafkaError.None, header.BaseOffset, settings.LogAppendTime ? now : -1);
        }
    }

    private void Store(ReadOnlySpan<byte> batch, in RecordBatchHeader header, LogSettings settings, long now)
    {
        var active = _view.Active;
        bool full = active.Length > 0 && ((long)active.Length + batch.Length > settings.SegmentBytes || header.LastOffset - active.BaseOffset > int.MaxValue);
        if (full) active = Roll();
        try
        {
            _write(active.Handle, batch, active.Length);
        }
        catch (IOException)
        {
            CutBack(active);
            throw;
        }
        active.Index.Add(active.BaseOffset, active.Length, header);
        active.Length += batch.Length;
        active.LastAppend = now;
        _nextOffset = header.LastOffset + 1;
        Volatile.Write(ref _unsynced, _unsynced + batch.Length);
        if (settings.Fsync != FsyncPolicy.Always) Publish(_view with { HighWatermark = _nextOffset, EndPosition = active.Length });
    }

    // Part of the batch may be in the file: without the cut the next start would have to find that out.
    private void CutBack(Segment active)
    {
        try
        {
            RandomAccess.SetLength(active.Handle, active.Length);
        }
        catch (IOException error)
        {
            _broken = $"{active.LogPath}: a failed append could not be undone ({error.Message}); mend the disk and start the broker again.";
        }
    }

    // Closes the active segment for good and begins the next. Under the lock.
    private Segment Roll()
    {
        SyncAndPublish();
        var old = _view.Active;
        old.Index.Save(old.IndexPath, old.Length, _nextOffset);
        var next = new Segment(Folder, _nextOffset, new(Settings.IndexIntervalBytes)) { LastAppend = old.LastAppend };
        _producers.Save(next.ProducersPath);
        DurableFile.FlushFolder(Folder);
        Publish(_view with { Segments = [.. _view.Segments, next], EndPosition = 0 });
        return next;
    }

    private void DropSegments(int count)
    {
        if (count == 0) return;
        var dropped = _view.Segments[..count];
        var left = _view.Segments[count..];
        Publish(_view with { Segments = left, StartOffset = Math.Max(_view.StartOffset, left[0].BaseOffset) });
        foreach (var segment in dropped) segment.Delete();
    }

    private void SyncAndPublish()
    {
        // Appends go on during the fsync: what it covers for certain is what was there before it.
        Segment active;
        long offset, unsynced;
        int position;
        lock (_writing)
        {
            if (_closed) return;
            (active, offset, position, unsynced) = (_view.Active, _nextOffset, _view.Active.Length, _unsynced);
        }
        lock (_syncing)
        {
            if (!active.TryHold()) return;
            try
            {
                RandomAccess.FlushToDisk(active.Handle);
            }
            catch (IOException error)
            {
                // The kernel may have dropped the bytes and report success next time: what the file holds is known only after a new start.
                _broken = $"{active.LogPath}: could not be forced to the disk ({error.Message}); mend the disk and start the broker again.";
                throw;
            }
            finally
            {
                active.Release();
            }
        }
        lock (_writing)
        {
            Volatile.Write(ref _unsynced, Math.Max(0, _unsynced - unsynced));
            if (_view.HighWatermark < offset && ReferenceEquals(_view.Active, active)) Publish(_view with { HighWatermark = offset, EndPosition = position });
        }
    }

    private void Publish(LogView view) => Volatile.Write(ref _view, view);

    private AppendResult StorageFault(IOException error)
    {
        StorageFaulted?.Invoke(error);
        return new(KafkaError.KafkaStorageError, -1, -1, $"The batch could not be stored: {error.Message} Free space on the broker's disk and send it again.");
    }

    private static AppendResult Refuse(BatchFault fault) => fault switch
    {
        BatchFault.Crc => new(KafkaError.CorruptMessage, -1, -1, "The checksum of the batch does not match its bytes."),
        BatchFault.Magic => new(KafkaError.InvalidRecord, -1, -1, "The batch is not of message format 2."),
        BatchFault.MoreThanOne => new(KafkaError.InvalidRecord, -1, -1, "More than one batch for a partition; expected exactly one."),
        BatchFault.Cut => new(KafkaError.InvalidRecord, -1, -1, "No whole batch for the partition; expected exactly one."),
        _ => new(KafkaError.InvalidRecord, -1, -1, "The header of the batch has counts, offsets or sequences that cannot be."),
    };
}

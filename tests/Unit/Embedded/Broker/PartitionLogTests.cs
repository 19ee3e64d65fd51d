using System.Buffers.Binary;
using Etl.Codecs.Kafka;
using Etl.Embedded.Broker;
using Etl.Embedded.Broker.Log;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Embedded.Broker;

public sealed class PartitionLogTests : IDisposable
{
    private const int RecordsPerBatch = 3;

    private static readonly LogSettings Settings = new()
    {
        SegmentBytes = 1 << 20, IndexIntervalBytes = 256, RetentionBytes = -1, RetentionMilliseconds = -1, MessageBytesMax = 1 << 20,
        LogAppendTime = false, Fsync = FsyncPolicy.Interval, FsyncBytes = 1 << 20,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-log-").FullName;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_tail_torn_at_any_byte_is_cut_and_what_came_before_stays()
    {
        int last = Batch().Length, kept;
        using (var log = Open())
        {
            for (int i = 0; i < 4; i++) log.Append(Batch()).BaseOffset.ShouldBe(i * RecordsPerBatch);
            kept = log.View.EndPosition - last;
        }
        string path = Segment.PathOf(_folder, 0, Segment.LogEnd);
        byte[] whole = File.ReadAllBytes(path);
        for (int bytes = 0; bytes < last; bytes++)
        {
            File.WriteAllBytes(path, whole[..(kept + bytes)]);
            var recovered = LogRecovery.Open(_folder, Settings);
            recovered.NextOffset.ShouldBe(3 * RecordsPerBatch, $"{bytes} bytes of the last batch");
            recovered.Segments[^1].Length.ShouldBe(kept);
            recovered.Repairs.Count.ShouldBe(bytes == 0 ? 0 : 1);
            new FileInfo(path).Length.ShouldBe(kept);
            new PartitionLog(_folder, Settings, recovered, _clock).Close(save: false);
        }
    }

    [Fact]
    public void A_spoilt_byte_in_the_last_batch_cuts_that_batch()
    {
        using (var log = Open())
            for (int i = 0; i < 2; i++) log.Append(Batch());
        string path = Segment.PathOf(_folder, 0, Segment.LogEnd);
        File.Delete(Segment.PathOf(_folder, 0, Segment.IndexEnd));
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var again = Open();
        again.View.HighWatermark.ShouldBe(RecordsPerBatch);
    }

    [Fact]
    public void Segments_roll_and_every_offset_is_found_also_after_the_indexes_are_lost()
    {
        var small = Settings with { SegmentBytes = 2_000 };
        using (var log = Open(small))
            for (int i = 0; i < 100; i++) log.Append(Batch(time: 1_000 + (i * 10)));
        foreach (string index in Directory.EnumerateFiles(_folder, "*" + Segment.IndexEnd).ToList()) File.WriteAllText(index, "torn");
        using var again = Open(small);
        again.View.Segments.Length.ShouldBeGreaterThan(3);
        for (long offset = 0; offset < 100 * RecordsPerBatch; offset++)
        {
            LogReader.TryFind(again.View, offset, 1, firstWhole: true, out var range).ShouldBeTrue();
            var header = range.Segment.HeaderAt(range.Position);
            range.Segment.Release();
            (header.BaseOffset <= offset && header.LastOffset >= offset).ShouldBeTrue($"offset {offset}");
            range.Length.ShouldBe((int)header.TotalBytes);
        }
        LogReader.FindTime(again.View, 1_500).ShouldBe((1_500, 50 * RecordsPerBatch));
        LogReader.FindTime(again.View, 1_501).ShouldBe((1_501, (50 * RecordsPerBatch) + 1));
        LogReader.FindTime(again.View, 5_000).ShouldBe((-1, -1));
        LogReader.FindGreatestTime(again.View).ShouldBe((1_992, 299));
    }

    [Fact]
    public void A_repeated_batch_is_stored_once_also_after_a_restart_of_either_kind()
    {
        var small = Settings with { SegmentBytes = 600 };
        using (var log = Open(small))
        {
            for (int i = 0; i < 12; i++) log.Append(Batch(producer: 7, sequence: i * RecordsPerBatch)).BaseOffset.ShouldBe(i * RecordsPerBatch);
            log.Append(Batch(producer: 7, sequence: 33)).BaseOffset.ShouldBe(33); // the last again
            log.Append(Batch(producer: 7, sequence: 0)).Error.ShouldBe(KafkaError.DuplicateSequenceNumber);
            log.Append(Batch(producer: 7, sequence: 39)).Error.ShouldBe(KafkaError.OutOfOrderSequenceNumber);
        }
        foreach (string lost in (string[])["", Segment.IndexEnd, Segment.ProducersEnd])
        {
            if (lost.Length > 0) foreach (string path in Directory.EnumerateFiles(_folder, "*" + lost).ToList()) File.Delete(path);
            using var again = Open(small);
            again.View.HighWatermark.ShouldBe(36);
            again.Append(Batch(producer: 7, sequence: 24)).ShouldBe(new(KafkaError.None, 24, -1), $"without {lost}");
            again.Append(Batch(producer: 7, sequence: 39)).Error.ShouldBe(KafkaError.OutOfOrderSequenceNumber);
        }
    }

    [Fact]
    public void Epochs_fence_older_producers_and_sequences_wrap()
    {
        using var log = Open();
        log.Append(Batch(producer: 1, sequence: int.MaxValue - 2)).Error.ShouldBe(KafkaError.None);
        log.Append(Batch(producer: 1, sequence: 0)).BaseOffset.ShouldBe(3);
        log.Append(Batch(producer: 1, sequence: 5, epoch: 1)).Error.ShouldBe(KafkaError.OutOfOrderSequenceNumber);
        log.Append(Batch(producer: 1, sequence: 0, epoch: 1)).BaseOffset.ShouldBe(6);
        log.Append(Batch(producer: 1, sequence: 3)).Error.ShouldBe(KafkaError.InvalidProducerEpoch);
    }

    [Fact]
    public void A_full_disk_refuses_the_batch_and_leaves_the_log_valid()
    {
        bool full = false;
        using (var log = new PartitionLog(_folder, Settings, LogRecovery.Open(_folder, Settings), _clock, (file, bytes, position) =>
        {
            RandomAccess.Write(file, full ? bytes[..20] : bytes, position);
            if (full) throw new IOException("No space left on device");
        }))
        {
            log.Append(Batch(producer: 3, sequence: 0)).Error.ShouldBe(KafkaError.None);
            full = true;
            var refused = log.Append(Batch(producer: 3, sequence: 3));
            refused.Error.ShouldBe(KafkaError.KafkaStorageError);
            refused.Message!.ShouldContain("No space left");
            new FileInfo(Segment.PathOf(_folder, 0, Segment.LogEnd)).Length.ShouldBe(log.View.EndPosition);
            full = false;
            log.Append(Batch(producer: 3, sequence: 3)).BaseOffset.ShouldBe(3);
        }
        using var again = Open();
        again.View.HighWatermark.ShouldBe(6);
    }

    [Fact]
    public void Old_segments_go_by_age_and_by_size_and_offsets_go_on()
    {
        var small = Settings with { SegmentBytes = 600, RetentionMilliseconds = 10_000 };
        using var log = Open(small);
        for (int i = 0; i < 12; i++) log.Append(Batch(time: 1_000));
        log.ApplyRetention().ShouldBe(0); // old times, but appended just now
        _clock.Advance(TimeSpan.FromSeconds(11));
        log.ApplyRetention().ShouldBeGreaterThan(1);
        (log.View.StartOffset, log.View.HighWatermark).ShouldBe((36, 36));
        log.Settings = small with { RetentionMilliseconds = -1, RetentionBytes = 400 };
        for (int i = 0; i < 12; i++) log.Append(Batch());
        log.ApplyRetention().ShouldBeGreaterThan(0);
        log.View.StartOffset.ShouldBeGreaterThan(36);
        log.View.HighWatermark.ShouldBe(72);
    }

    [Fact]
    public void Deleted_records_stay_deleted()
    {
        using (var log = Open())
        {
            for (int i = 0; i < 4; i++) log.Append(Batch());
            log.DeleteBefore(99).Error.ShouldBe(KafkaError.OffsetOutOfRange);
            log.DeleteBefore(5).ShouldBe((KafkaError.None, 5));
        }
        using (var again = Open())
        {
            again.View.StartOffset.ShouldBe(5);
            again.DeleteBefore(-1).ShouldBe((KafkaError.None, 12));
        }
        using var empty = Open();
        (empty.View.StartOffset, empty.View.HighWatermark).ShouldBe((12, 12));
    }

    private PartitionLog Open(LogSettings? settings = null) => new(_folder, settings ?? Settings, LogRecovery.Open(_folder, settings ?? Settings), _clock);

    // Three records of one byte; their times are the given one and the two milliseconds after it.
    private static byte[] Batch(long producer = -1, int sequence = -1, short epoch = 0, long time = 1_700_000_000_000)
    {
        byte[] batch = new byte[RecordBatchHeader.Bytes + (RecordsPerBatch * 8)];
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), batch.Length - RecordBatchHeader.LogOverhead);
        batch[16] = 2;
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(23), RecordsPerBatch - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(27), time);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(35), time + RecordsPerBatch - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(43), producer);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(51), producer < 0 ? (short)-1 : epoch);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(53), sequence);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), RecordsPerBatch);
        for (int i = 0; i < RecordsPerBatch; i++) // length 7, attributes, time, offset, no key, value of 1 byte, no headers
            ((ReadOnlySpan<byte>)[14, 0, (byte)(2 * i), (byte)(2 * i), 1, 2, (byte)'v', 0]).CopyTo(batch.AsSpan(RecordBatchHeader.Bytes + (i * 8)));
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), Crc32C.Of(batch.AsSpan(21)));
        return batch;
    }
}

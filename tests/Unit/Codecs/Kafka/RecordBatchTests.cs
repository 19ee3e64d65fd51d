using System.Text.Json;
using Etl.Codecs.Kafka;

namespace Etl.Tests.Unit.Codecs.Kafka;

public sealed class RecordBatchTests
{
    [Fact]
    public void Every_batch_of_the_vectors_is_read_to_the_last_record()
    {
        int batches = 0;
        foreach (var line in KafkaGolden.Lines("vectors-record-batches.ndjson"))
        {
            ReadOnlySpan<byte> bytes = line.Hex("hex");
            foreach (var expected in line.GetProperty("batches").EnumerateArray())
            {
                string note = line.GetProperty("note").GetString()!;
                if (expected.GetProperty("magic").GetInt32() != 2)
                {
                    RecordBatch.Check(bytes, out _).ShouldBe(BatchFault.Magic, note);
                    break;
                }
                RecordBatch.Check(bytes, out var header).ShouldBe(BatchFault.None, note);
                CompareHeader(header, expected, note);
                CompareRecords(bytes[..(int)header.TotalBytes], header, expected, note);
                bytes = bytes[(int)header.TotalBytes..];
                batches++;
            }
        }
        batches.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void A_changed_bit_anywhere_behind_the_checksum_is_found()
    {
        byte[] batch = KafkaGolden.Lines("vectors-record-batches.ndjson").First().Hex("hex");
        for (int i = 21; i < batch.Length; i++)
        {
            batch[i] ^= 4;
            RecordBatch.Check(batch, out _).ShouldNotBe(BatchFault.None, $"byte {i}");
            batch[i] ^= 4;
        }
    }

    [Fact]
    public void A_cut_batch_is_found_at_every_length()
    {
        byte[] batch = KafkaGolden.Lines("vectors-record-batches.ndjson").First().Hex("hex");
        for (int length = 0; length < batch.Length; length++) RecordBatch.Check(batch.AsSpan(0, length), out _).ShouldBe(BatchFault.Cut, $"{length} bytes");
    }

    [Fact]
    public void A_producer_may_send_exactly_one_batch_without_holes()
    {
        byte[] Of(string note) => KafkaGolden.Lines("vectors-record-batches.ndjson").Single(line => line.GetProperty("note").GetString() == note).Hex("hex");
        RecordBatch.CheckProduced(Of("sixty records, lz4"), out _).ShouldBe(BatchFault.None);
        RecordBatch.CheckProduced(Of("two batches one after the other"), out _).ShouldBe(BatchFault.MoreThanOne);
        RecordBatch.CheckProduced(Of("control batch: commit marker"), out _).ShouldBe(BatchFault.Header);
        RecordBatch.CheckProduced(Of("offsets with holes, as after compaction; partition leader epoch 9"), out _).ShouldBe(BatchFault.Header);
        RecordBatch.CheckProduced([], out _).ShouldBe(BatchFault.Cut);
    }

    [Fact]
    public void A_place_changes_no_checksum_and_an_append_time_makes_a_new_one()
    {
        byte[] batch = KafkaGolden.Lines("vectors-record-batches.ndjson").First().Hex("hex");
        RecordBatch.SetPlace(batch, baseOffset: 77, leaderEpoch: 3);
        RecordBatch.Check(batch, out var placed).ShouldBe(BatchFault.None);
        (placed.BaseOffset, placed.LeaderEpoch).ShouldBe((77, 3));
        RecordBatch.SetAppendTime(batch, 1_800_000_000_000);
        RecordBatch.Check(batch, out var stamped).ShouldBe(BatchFault.None);
        RecordTimes.FindFirst(batch, stamped, 1_750_000_000_000, 0).ShouldBe((1_800_000_000_000, 77));
    }

    [Fact]
    public void A_packed_payload_of_any_bytes_is_a_value_not_an_exception()
    {
        var random = new Random(20_261_125);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            var codec = (KafkaCodec)random.Next(8);
            if (codec == KafkaCodec.Lz4 && bytes.Length > 6) ((ReadOnlySpan<byte>)[4, 0x22, 0x4D, 0x18, 0x60, 0x40]).CopyTo(bytes);
            using var payload = BatchPayload.Unpack(bytes, codec);
            var reader = new RecordReader(payload.Bytes, new RecordBatchHeader
            {
                BaseOffset = 0, BatchLength = 0, LeaderEpoch = 0, Magic = 2, Crc = 0, Attributes = 0, LastOffsetDelta = 9, BaseTimestamp = 0, MaxTimestamp = 0,
                ProducerId = -1, ProducerEpoch = -1, BaseSequence = -1, RecordsCount = 10,
            });
            while (reader.TryRead(out _)) { }
        }
    }

    private static void CompareHeader(RecordBatchHeader header, JsonElement expected, string note)
    {
        header.BaseOffset.ShouldBe(expected.GetProperty("base_offset").GetInt64(), note);
        header.LastOffset.ShouldBe(expected.GetProperty("last_offset").GetInt64(), note);
        header.TotalBytes.ShouldBe(expected.GetProperty("size_in_bytes").GetInt64(), note);
        header.LeaderEpoch.ShouldBe(expected.GetProperty("partition_leader_epoch").GetInt32(), note);
        header.Crc.ShouldBe(expected.GetProperty("crc").GetUInt32(), note);
        header.Codec.ToString().ShouldBe(expected.GetProperty("compression").GetString(), StringCompareShould.IgnoreCase);
        header.MaxTimestamp.ShouldBe(expected.GetProperty("max_timestamp").GetInt64(), note);
        header.ProducerId.ShouldBe(expected.GetProperty("producer_id").GetInt64(), note);
        ((int)header.ProducerEpoch).ShouldBe(expected.GetProperty("producer_epoch").GetInt32(), note);
        header.BaseSequence.ShouldBe(expected.GetProperty("base_sequence").GetInt32(), note);
        header.Attributes.HasFlag(BatchAttributes.Transactional).ShouldBe(expected.GetProperty("transactional").GetBoolean(), note);
        header.Attributes.HasFlag(BatchAttributes.Control).ShouldBe(expected.GetProperty("control").GetBoolean(), note);
    }

    private static void CompareRecords(ReadOnlySpan<byte> batch, RecordBatchHeader header, JsonElement expected, string note)
    {
        using var payload = BatchPayload.Unpack(batch[RecordBatchHeader.Bytes..], header.Codec);
        payload.IsFaulty.ShouldBeFalse(note);
        var reader = new RecordReader(payload.Bytes, header);
        foreach (var record in expected.GetProperty("records").EnumerateArray())
        {
            reader.TryRead(out var found).ShouldBeTrue(note);
            found.Offset.ShouldBe(record.GetProperty("offset").GetInt64(), note);
            found.Timestamp.ShouldBe(record.GetProperty("timestamp").GetInt64(), note);
            (found.KeyIsNull ? null : Convert.ToHexStringLower(found.Key)).ShouldBe(record.GetProperty("key_hex").GetString(), note);
            (found.ValueIsNull ? null : Convert.ToHexStringLower(found.Value)).ShouldBe(record.GetProperty("value_hex").GetString(), note);
            found.HeaderCount.ShouldBe(record.GetProperty("headers").GetArrayLength(), note);
        }
        reader.TryRead(out _).ShouldBeFalse(note);
        reader.IsFaulty.ShouldBeFalse(note);
    }
}

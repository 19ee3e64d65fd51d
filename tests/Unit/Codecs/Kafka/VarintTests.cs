using Etl.Codecs.Kafka;

namespace Etl.Tests.Unit.Codecs.Kafka;

public sealed class VarintTests
{
    [Fact]
    public void Every_vector_reads_and_writes_the_same()
    {
        int checkedLines = 0;
        byte[] buffer = new byte[Varint.LongBytesMax];
        foreach (var line in KafkaGolden.Lines("vectors-varint-crc.ndjson"))
        {
            byte[] bytes = line.TryGetProperty("hex", out _) ? line.Hex("hex") : [];
            switch (line.GetProperty("kind").GetString())
            {
                case "zigzag_varlong":
                    Varint.ReadLong(bytes, out long signed).ShouldBe(bytes.Length);
                    signed.ShouldBe(line.GetProperty("value").GetInt64());
                    buffer[..Varint.WriteLong(buffer, signed)].ShouldBe(bytes);
                    break;
                case "unsigned_varint":
                    Varint.ReadUnsigned(bytes, out uint unsigned).ShouldBe(bytes.Length);
                    unsigned.ShouldBe((uint)line.GetProperty("value").GetInt64());
                    buffer[..Varint.WriteUnsigned(buffer, unsigned)].ShouldBe(bytes);
                    break;
                default:
                    continue;
            }
            checkedLines++;
        }
        checkedLines.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void A_number_that_ends_early_or_is_too_large_is_not_read()
    {
        Varint.ReadLong([0x80], out _).ShouldBe(0);
        Varint.ReadLong([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02], out _).ShouldBe(0);
        Varint.ReadInt([0x80, 0x80, 0x80, 0x80, 0x20], out _).ShouldBe(0);
        Varint.ReadUnsigned([0xFF, 0xFF, 0xFF, 0xFF, 0x1F], out _).ShouldBe(0);
        Varint.ReadUnsigned([], out _).ShouldBe(0);
    }

    [Fact]
    public void The_checksum_is_that_of_Castagnoli() => Crc32C.Of("123456789"u8).ShouldBe(0xE3069283u);
}

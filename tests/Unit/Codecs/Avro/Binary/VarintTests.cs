using System.Buffers;
using Etl.Codecs.Avro.Binary;
using FsCheck;
using FsCheck.Xunit;

namespace Etl.Tests.Unit.Codecs.Avro.Binary;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(-1, "01")]
    [InlineData(1, "02")]
    [InlineData(63, "7e")]
    [InlineData(-64, "7f")]
    [InlineData(64, "8001")]
    [InlineData(long.MaxValue, "feffffffffffffffff01")]
    [InlineData(long.MinValue, "ffffffffffffffffff01")]
    public void A_number_has_the_bytes_of_the_specification(long value, string hex)
    {
        byte[] bytes = new byte[Varint.LongBytesMax];
        int length = Varint.Write(bytes, value);
        Convert.ToHexStringLower(bytes, 0, length).ShouldBe(hex);
        Varint.LengthOf(value).ShouldBe(length);
    }

    [Property(MaxTest = 2_000)]
    public void A_number_is_read_back_as_it_was_written_whatever_stands_behind_it(long value, byte shift, byte[] behind)
    {
        value >>= shift % 64;
        byte[] bytes = new byte[Varint.LongBytesMax];
        int length = Varint.Write(bytes, value);
        ReadOnlySpan<byte> source = [.. bytes.AsSpan(0, length), .. behind];
        Varint.ReadLong(source, out long read, out int used).ShouldBe(OperationStatus.Done);
        (read, used).ShouldBe((value, length));
        Varint.ReadLongByByte(source, out read, out used).ShouldBe(OperationStatus.Done);
        (read, used).ShouldBe((value, length));
        var status = Varint.ReadInt(source, out int small, out used);
        status.ShouldBe(value == (int)value ? OperationStatus.Done : OperationStatus.InvalidData);
        (small, used).ShouldBe(value == (int)value ? ((int)value, length) : (0, 0));
    }

    [Property(MaxTest = 2_000)]
    public void Both_ways_to_read_agree_on_any_bytes(byte[] bytes)
    {
        var fast = Varint.ReadLong(bytes, out long left, out int leftLength);
        var slow = Varint.ReadLongByByte(bytes, out long right, out int rightLength);
        (fast, left, leftLength).ShouldBe((slow, right, rightLength));
    }

    [Theory]
    [InlineData("", OperationStatus.NeedMoreData)]
    [InlineData("80", OperationStatus.NeedMoreData)]
    [InlineData("ffffffffffffffffff", OperationStatus.NeedMoreData)]
    [InlineData("ffffffffffffffffff02", OperationStatus.InvalidData)] // bit 64
    [InlineData("ffffffffffffffffffff01", OperationStatus.InvalidData)] // 11 bytes
    [InlineData("8000", OperationStatus.Done)] // padded
    public void A_long_that_is_cut_or_too_long_is_told_apart(string hex, OperationStatus expected) =>
        Varint.ReadLong(Convert.FromHexString(hex), out _, out _).ShouldBe(expected);

    [Theory]
    [InlineData("80808080", OperationStatus.NeedMoreData)]
    [InlineData("ffffffff0f", OperationStatus.Done)]
    [InlineData("ffffffff1f", OperationStatus.InvalidData)] // bit 32
    [InlineData("808080808000", OperationStatus.InvalidData)] // 6 bytes
    [InlineData("8080808080", OperationStatus.InvalidData)] // 5 bytes and no end
    public void An_int_that_is_cut_or_too_long_is_told_apart(string hex, OperationStatus expected) =>
        Varint.ReadInt(Convert.FromHexString(hex), out _, out _).ShouldBe(expected);
}

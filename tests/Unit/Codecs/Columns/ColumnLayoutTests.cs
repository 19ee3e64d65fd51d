using System.Text;
using Etl.Codecs.Columns;

namespace Etl.Tests.Unit.Codecs.Columns;

/// <summary>How values lie in memory: DuckDB reads these bytes as they are.</summary>
public sealed unsafe class ColumnLayoutTests
{
    [Theory]
    [InlineData("")]
    [InlineData("twelve bytes")]
    [InlineData("thirteen byte")]
    [InlineData("a text that is longer than that")]
    public void A_text_lies_inside_up_to_twelve_bytes_and_else_behind_a_pointer(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        using var heap = new ByteHeap();
        var value = heap.Keep(bytes);
        byte* at = (byte*)&value;

        (*(int*)at).ShouldBe(bytes.Length);
        new ReadOnlySpan<byte>(at + 4, Math.Min(4, bytes.Length)).SequenceEqual(bytes.AsSpan(0, Math.Min(4, bytes.Length))).ShouldBeTrue();
        if (bytes.Length <= 12) new ReadOnlySpan<byte>(at + 4, 12).SequenceEqual([.. bytes, .. new byte[12 - bytes.Length]]).ShouldBeTrue();
        else new ReadOnlySpan<byte>(*(byte**)(at + 8), bytes.Length).SequenceEqual(bytes).ShouldBeTrue();
        ColumnText.ReadString(&value).ShouldBe(text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(40)]
    public void A_text_decoded_near_the_data_end_lies_as_one_decoded_far_from_it(int length)
    {
        byte[] text = [.. Enumerable.Range(0, length).Select(place => (byte)('a' + place % 26))];
        using var near = DecodedColumns.Of("""{"name": "t", "type": "string"}""");
        using var far = DecodedColumns.Of("""{"name": "t", "type": "string"}, {"name": "more", "type": "string"}""");
        near.Row([(byte)(2 * length), .. text]);
        far.Row([(byte)(2 * length), .. text, 80, .. new byte[40]]);

        ColumnText one = near.Batch.Get<ColumnText>(0, 0), other = far.Batch.Get<ColumnText>(0, 0);
        if (length <= 12) new ReadOnlySpan<byte>(&one, 16).SequenceEqual(new ReadOnlySpan<byte>(&other, 16)).ShouldBeTrue();
        ColumnText.Read(&one).SequenceEqual(ColumnText.Read(&other)).ShouldBeTrue();
    }

    [Fact]
    public void A_heap_rewound_gives_the_same_room_again_and_keeps_what_was_before()
    {
        using var heap = new ByteHeap();
        byte* first = heap.Take(100);
        first[0] = 7;
        var mark = heap.Mark();
        byte* second = heap.Take(60_000);
        heap.Take(200_000);
        heap.Rewind(mark);

        (heap.Take(60_000) == second).ShouldBeTrue();
        first[0].ShouldBe((byte)7);
        long reserved = heap.Reserved;
        heap.Take(200_000);
        heap.Reserved.ShouldBe(reserved);
        heap.Clear();
        heap.Reserved.ShouldBe(64 * 1024);
    }

    [Fact]
    public void A_uuid_is_a_128_bit_number_with_its_top_bit_flipped()
    {
        var schema = DecodedColumns.Wrap("""{"type": "fixed", "name": "F", "size": 16, "logicalType": "uuid"}""");
        using var columns = new DecodedColumns(schema, schema);
        columns.Row([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10])[0].ShouldBe(Guid.Parse("01234567-89ab-cdef-fedc-ba9876543210"));

        columns.Batch.Get<UInt128>(0, 0).ShouldBe(new UInt128(0x8123456789abcdef, 0xfedcba9876543210));
    }

    [Fact]
    public void An_interval_is_months_days_microseconds()
    {
        var schema = DecodedColumns.Wrap("""{"type": "fixed", "name": "F", "size": 12, "logicalType": "duration"}""");
        using var columns = new DecodedColumns(schema, schema);
        columns.Row(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0);

        int* at = (int*)columns.Batch.Block(0).Columns[0].Data;
        (at[0], at[1], ((long*)at)[1]).ShouldBe((1, 2, 3_000L));
        columns.Fault(0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0).Fault.ShouldBe(Etl.Codecs.Avro.DecodeFault.OutOfRange);
    }

    [Theory]
    [InlineData(4, 2, -99)]
    [InlineData(9, 4, -99)]
    [InlineData(18, 8, -99)]
    [InlineData(38, 16, -99)]
    public void A_decimal_is_as_wide_as_its_precision_asks(int precision, int width, long unscaled)
    {
        var schema = DecodedColumns.Wrap($$"""{"type": "bytes", "logicalType": "decimal", "precision": {{precision}}, "scale": 2}""");
        using var columns = new DecodedColumns(schema, schema);
        columns.Row(2, 0x9D)[0].ShouldBe(-0.99m);

        columns.Shape.Fields[0].Type.Width.ShouldBe(width);
        columns.Batch.Block(0).Columns[0].Data[width - 1].ShouldBe((byte)0xFF);
        columns.Batch.Block(0).Columns[0].Data[0].ShouldBe((byte)unscaled);
        columns.Row([2 * 20, .. Enumerable.Repeat((byte)0xFF, 19), 0x9D])[0].ShouldBe(-0.99m); // longer than it need be
    }

    [Fact]
    public void A_null_struct_has_null_parts_and_a_vector_cleared_has_none()
    {
        using var vector = new ColumnVector(ColumnType.Struct(new ColumnField("x", ColumnType.Of(ColumnKind.Int32), false)), 100);
        vector.SetNull(70);
        vector.IsNull(70).ShouldBeTrue();
        vector.Children[0].IsNull(70).ShouldBeTrue();
        vector.IsNull(69).ShouldBeFalse();
        vector.SetValid(70, 71);
        vector.Children[0].IsNull(70).ShouldBeFalse();
        vector.SetNull(3);
        vector.Clear();
        vector.IsNull(3).ShouldBeFalse();
        vector.HasNulls.ShouldBeFalse();
    }

    [Fact]
    public void A_vector_that_grows_keeps_its_values_and_nulls_and_the_new_rows_have_none()
    {
        using var vector = new ColumnVector(ColumnType.Struct(new ColumnField("x", ColumnType.Of(ColumnKind.Int64), false)), 10);
        vector.Children[0].Values<long>()[9] = 99;
        vector.SetNull(5);
        vector.Reserve(1_000);

        vector.Children[0].Capacity.ShouldBeGreaterThanOrEqualTo(1_000);
        vector.Children[0].Values<long>()[9].ShouldBe(99);
        vector.IsNull(5).ShouldBeTrue();
        Enumerable.Range(10, 990).ShouldAllBe(row => !vector.IsNull(row));
    }

    [Fact]
    public void A_batch_cleared_keeps_as_many_blocks_as_asked_and_opens_empty_ones()
    {
        using var batch = new ColumnBatch([new("n", ColumnType.Of(ColumnKind.Int32), true)]);
        for (int row = 0; row < 3 * ColumnBlock.RowsMax; row++)
        {
            var block = batch.Open();
            block.Columns[0].SetNull(block.Count++);
        }
        batch.RowCount.ShouldBe(3 * ColumnBlock.RowsMax);
        batch.IsNull(0, 5_000).ShouldBeTrue();
        var first = batch.Block(0);
        batch.Clear(blocksKept: 1);

        batch.RowCount.ShouldBe(0);
        batch.RunCount.ShouldBe(0);
        batch.Open().ShouldBeSameAs(first);
        first.Columns[0].IsNull(0).ShouldBeFalse();
    }
}

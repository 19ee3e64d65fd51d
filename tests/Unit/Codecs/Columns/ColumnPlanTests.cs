using System.Text;
using Etl.Codecs.Avro;
using Etl.Codecs.Columns;

namespace Etl.Tests.Unit.Codecs.Columns;

public sealed class ColumnPlanTests
{
    private const string Truck =
        """
        {"name": "truck_id", "type": "string"}, {"name": "sequence", "type": "long"}, {"name": "timestamp", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "engine_speed", "type": "double"}, {"name": "distance_covered", "type": "double"}, {"name": "fuel_consumed", "type": "double"}
        """;

    [Fact]
    public void The_trucks_record_reads_into_six_columns()
    {
        using var columns = DecodedColumns.Of(Truck);

        columns.Row(TruckBytes("truck-0001", 42, 1_767_225_600_000_001, 80.5, double.NaN, double.NegativeInfinity)).ShouldBe(
            ["truck-0001", 42L, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(10), 80.5, double.NaN, double.NegativeInfinity]);
    }

    [Fact]
    public void A_record_cut_at_any_byte_is_a_fault_at_the_field_that_it_ends_in()
    {
        byte[] whole = TruckBytes("truck-0001", 42, 1_767_225_600_000_000, 1, 2, 3);
        using var columns = DecodedColumns.Of(Truck);
        for (int length = 0; length < whole.Length; length++)
        {
            var problem = columns.Fault(whole[..length]);
            problem.Fault.ShouldBe(DecodeFault.EndOfData);
            problem.Path.ShouldBe(length switch { < 11 => "truck_id", 11 => "sequence", < 20 => "timestamp", < 28 => "engine_speed", < 36 => "distance_covered", _ => "fuel_consumed" });
        }

        var trailing = columns.Fault([.. whole, 0]);
        trailing.Fault.ShouldBe(DecodeFault.TrailingData);
        trailing.Offset.ShouldBe(whole.Length);
        columns.Batch.RowCount.ShouldBe(0);
    }

    [Theory]
    [InlineData(ColumnRange.MicrosMin - 1, false)]
    [InlineData(ColumnRange.MicrosMin, true)]
    [InlineData(ColumnRange.MicrosMax, true)]
    [InlineData(ColumnRange.MicrosMax + 1, false)]
    [InlineData(long.MinValue, false)]
    [InlineData(long.MaxValue, false)]
    public void Instants_of_the_years_1_to_9999_are_kept_and_others_are_faults(long micros, bool kept)
    {
        using var columns = DecodedColumns.Of(Truck);
        columns.Add(TruckBytes("t", 0, micros, 0, 0, 0)).Fault.ShouldBe(kept ? DecodeFault.None : DecodeFault.OutOfRange);
        if (kept) columns.Batch.Get<long>(2, 0).ShouldBe(micros);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_record_once_the_blocks_are_there()
    {
        byte[] datum = TruckBytes("a truck of a name past twelve bytes", 42, 1_767_225_600_000_000, 1, 2, 3);
        const string More = """, {"name": "tags", "type": {"type": "map", "values": ["null", "string"]}}, {"name": "gone", "type": "string"}""";
        datum = [.. datum, 4, 2, (byte)'k', 0, 2, (byte)'l', 2, 2, (byte)'v', 0, 2, (byte)'g'];
        using var columns = DecodedColumns.Of(Truck + More, Truck + """, {"name": "tags", "type": {"type": "map", "values": ["null", "string"]}}, {"name": "more", "type": ["null", "long"], "default": null}""");
        byte[] broken = datum[..^3];
        Fill(columns, datum, broken);
        columns.Batch.Clear();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Fill(columns, datum, broken);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        columns.Batch.RowCount.ShouldBe(100_000);

        static void Fill(DecodedColumns columns, byte[] datum, byte[] broken)
        {
            for (int i = 0; i < 100_000; i++)
            {
                var block = columns.Batch.Open();
                if (columns.Plan.Decode(broken, block, block.Count).IsDone) throw new InvalidOperationException("expected a fault");
                if (columns.Plan.Decode(datum, block, block.Count).IsDone) block.Count++;
            }
        }
    }

    [Fact]
    public void Rows_go_on_in_the_next_block_after_2048()
    {
        using var columns = DecodedColumns.Of("""{"name": "n", "type": "int"}, {"name": "items", "type": {"type": "array", "items": "int"}}""");
        for (int row = 0; row < 5_000; row++) columns.Add([(byte)(row % 64 * 2), 4, 2, 4, 0]).IsDone.ShouldBeTrue();

        columns.Batch.BlockCount.ShouldBe(3);
        columns.RowAt(4_999).ShouldBe([4_999 % 64, new object[] { 1, 2 }]);
        columns.Batch.Block(1).Columns[1].ChildCount.ShouldBe(2 * 2_048);
    }

    [Fact]
    public void A_fault_in_the_middle_of_a_list_leaves_nothing_behind()
    {
        const string Fields = """{"name": "a", "type": ["null", "int"]}, {"name": "items", "type": {"type": "array", "items": {"type": "record", "name": "Item", "fields": [{"name": "x", "type": ["null", "string"]}, {"name": "inner", "type": {"type": "array", "items": ["null", "int"]}}]}}}""";
        byte[] text = [2, 60, .. Encoding.UTF8.GetBytes("a text of thirty bytes, no less")[..30]];
        using var columns = DecodedColumns.Of(Fields);
        columns.Row([2, 2, 2, .. text, 0, 0]);
        var block = columns.Batch.Block(0);
        long reserved = block.Heap.Reserved;
        for (int i = 0; i < 10_000; i++)
        {
            // null, two items: the first with a null inside, the second cut
            columns.Fault([0, 4, .. text, 4, 0, 0, 0, 0]).Path.ShouldBe("items[].inner");
        }

        block.Columns[1].ChildCount.ShouldBe(1);
        block.Columns[1].Children[0].Children[1].ChildCount.ShouldBe(0);
        block.Heap.Reserved.ShouldBe(reserved);
        object?[] row = columns.Row([2, 4, 4, .. text, 4, 2, 2, 2, 4, 0, .. text, 0, 0]);
        Expected.Show(row).ShouldBe("""[2 (Int32), [{inner: [1 (Int32), 2 (Int32)], x: "a text of thirty bytes, no les"}, {inner: [], x: "a text of thirty bytes, no les"}]]""");
    }

    [Fact]
    public void A_row_decoded_well_but_not_wanted_is_given_back_by_Drop()
    {
        using var columns = DecodedColumns.Of("""{"name": "a", "type": ["null", "int"]}, {"name": "b", "type": {"type": "array", "items": ["null", "int"]}}""");
        var block = columns.Batch.Open();
        columns.Plan.Decode([0, 2, 0, 0], block, 0).IsDone.ShouldBeTrue();
        block.Drop(0);

        columns.Row([2, 2, 2, 2, 2, 0]).ShouldBe([1, new object[] { 1 }]);
        block.Columns[1].ChildCount.ShouldBe(1);
    }

    [Theory]
    [InlineData("\"int\"", "80808080808000", DecodeFault.InvalidNumber)]
    [InlineData("\"int\"", "8080808010", DecodeFault.InvalidNumber)]
    [InlineData("\"long\"", "FFFFFFFFFFFFFFFFFF02", DecodeFault.InvalidNumber)]
    [InlineData("\"boolean\"", "02", DecodeFault.InvalidBoolean)]
    [InlineData("\"string\"", "02FF", DecodeFault.InvalidText)]
    [InlineData("\"string\"", "06EDA080", DecodeFault.InvalidText)]
    [InlineData("\"string\"", "01", DecodeFault.NegativeLength)]
    [InlineData("\"string\"", "FEFFFFFFFFFFFFFFFF01", DecodeFault.EndOfData)]
    [InlineData("""{"type": "array", "items": "int"}""", "FEFFFFFFFFFFFFFFFF01", DecodeFault.EndOfData)]
    [InlineData("""{"type": "array", "items": "null"}""", "FEFFFFFFFFFFFFFFFF01", DecodeFault.TooManyValues)]
    [InlineData("""{"type": "array", "items": "int"}""", "FFFFFFFFFFFFFFFFFF0100", DecodeFault.InvalidBlock)]
    [InlineData("""{"type": "array", "items": "int"}""", "03010202", DecodeFault.InvalidBlock)]
    [InlineData("""{"type": "array", "items": "int"}""", "0302020200", DecodeFault.InvalidBlock)]
    [InlineData("""{"type": "map", "values": "int"}""", "0402610202610200", DecodeFault.DuplicateKey)]
    [InlineData("""["null", "int"]""", "04", DecodeFault.UnknownBranch)]
    [InlineData("""["int", "string", "null"]""", "01", DecodeFault.UnknownBranch)]
    [InlineData("""{"type": "enum", "name": "E", "symbols": ["A"]}""", "02", DecodeFault.UnknownSymbol)]
    [InlineData("""{"type": "string", "logicalType": "uuid"}""", "0261", DecodeFault.OutOfRange)]
    [InlineData("""{"type": "bytes", "logicalType": "decimal", "precision": 2}""", "0264", DecodeFault.OutOfRange)]
    [InlineData("""{"type": "int", "logicalType": "time-millis"}""", "01", DecodeFault.OutOfRange)]
    public void Broken_data_is_a_fault_with_its_name_and_field(string schema, string hex, DecodeFault fault)
    {
        using var columns = new DecodedColumns(DecodedColumns.Wrap(schema), DecodedColumns.Wrap(schema));
        var problem = columns.Fault(Convert.FromHexString(hex));

        problem.Fault.ShouldBe(fault);
        problem.Path.ShouldStartWith("v");
    }

    [Fact]
    public void Limits_hold_and_the_value_at_a_limit_passes()
    {
        var limits = new ColumnLimits { ItemsMax = 3, ItemsWithoutBytesMax = 2, LengthMax = 64 };
        using var items = DecodedColumns.Of("""{"name": "v", "type": {"type": "array", "items": {"type": "array", "items": "boolean"}}}""", limits: limits);
        items.Add(2, 4, 0, 1, 0, 0).IsDone.ShouldBeTrue();
        items.Add(2, 6, 0, 1, 1, 0, 0).Fault.ShouldBe(DecodeFault.TooManyValues);
        using var nulls = DecodedColumns.Of("""{"name": "v", "type": {"type": "array", "items": "null"}}""", limits: limits);
        nulls.Add(4, 0).IsDone.ShouldBeTrue();
        nulls.Add(6, 0).Fault.ShouldBe(DecodeFault.TooManyValues);
        using var text = DecodedColumns.Of("""{"name": "v", "type": "string"}""", limits: limits);
        text.Add([128, 1, .. new byte[64]]).IsDone.ShouldBeTrue();
        text.Add([130, 1, .. new byte[65]]).Fault.ShouldBe(DecodeFault.TooLong);
        Should.Throw<ArgumentOutOfRangeException>(() => new ColumnLimits { ItemsMax = 1_000_001 }).Message.ShouldContain("1 to 1,000,000");
    }

    [Fact]
    public void A_map_of_many_keys_is_kept_and_one_key_twice_among_them_is_a_fault()
    {
        using var columns = DecodedColumns.Of("""{"name": "v", "type": {"type": "map", "values": "null"}}""");
        byte[] Entries(params IEnumerable<int> keys) => [.. keys.SelectMany(key => (byte[])[2 * 4, .. Encoding.UTF8.GetBytes($"{key:0000}")])];
        byte[] Map(params IEnumerable<int> keys) => [200, 1, .. Entries(keys), 0];

        columns.Add(Map(Enumerable.Range(0, 100))).IsDone.ShouldBeTrue();
        columns.Fault(Map([.. Enumerable.Range(0, 99), 50])).Fault.ShouldBe(DecodeFault.DuplicateKey);
        ((object?[])columns.RowAt(0)[0]!).Length.ShouldBe(100);
    }

    [Fact]
    public void A_union_of_many_is_a_struct_with_the_branch_named()
    {
        using var columns = DecodedColumns.Of("""{"name": "v", "type": ["null", "int", "string", {"type": "record", "name": "n.Branch", "fields": [{"name": "x", "type": "int"}]}]}""");

        columns.Shape.Fields[0].Type.ToSql().ShouldBe("""STRUCT("branch" VARCHAR, "int" INTEGER, "string" VARCHAR, "n.Branch" STRUCT("x" INTEGER))""");
        columns.Row(0).ShouldBe([null]);
        Expected.Show(columns.Row(2, 6)[0]).ShouldBe("""{branch: "int", int: 3 (Int32), n.Branch: null, string: null}""");
        Expected.Show(columns.Row(6, 6)[0]).ShouldBe("""{branch: "n.Branch", int: null, n.Branch: {x: 3 (Int32)}, string: null}""");
    }

    [Fact]
    public void Times_of_another_unit_are_converted_and_of_another_meaning_refused()
    {
        string Of(string logical) => $$"""{"name": "t", "type": {"type": "long", "logicalType": "{{logical}}"} }""";
        using (var millis = DecodedColumns.Of(Of("timestamp-millis"), Of("timestamp-micros")))
        {
            millis.Row(2);
            millis.Batch.Get<long>(0, 0).ShouldBe(1_000);
        }
        using (var nanos = DecodedColumns.Of(Of("timestamp-nanos"), Of("timestamp-micros")))
        {
            nanos.Row(1); // 1 ns before 1970
            nanos.Batch.Get<long>(0, 0).ShouldBe(-1);
        }
        using var local = DecodedColumns.Of(Of("local-timestamp-micros"), Of("timestamp-micros"));
        local.Plan.Problems.ShouldHaveSingleItem().ShouldBe("t: found long as LocalTimestampMicros, expected long as TimestampMicros");
        local.Fault(2).ToString().ShouldBe("Unresolvable at byte 0 in t: t: found long as LocalTimestampMicros, expected long as TimestampMicros");
    }

    [Fact]
    public void Decimals_of_another_scale_are_refused()
    {
        string Of(int precision, int scale) => $$"""{"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": {{precision}}, "scale": {{scale}} } }""";
        DecodedColumns.Of(Of(9, 2), Of(12, 2)).Plan.Problems.ShouldBeEmpty();
        DecodedColumns.Of(Of(9, 2), Of(9, 3)).Plan.Problems.ShouldHaveSingleItem().ShouldContain("decimal(9,2)");
    }

    [Fact]
    public void A_dropped_field_of_a_recursive_type_is_passed_over_up_to_a_depth()
    {
        const string Node = """{"name": "gone", "type": {"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", "Node"]}, {"name": "n", "type": "long"}]}}""";
        using var columns = DecodedColumns.Of(Node + """, {"name": "kept", "type": "int"}""", """{"name": "kept", "type": "int"}""");
        byte[] Chain(int nodes) => [.. Enumerable.Repeat((byte)2, nodes - 1), 0, .. Enumerable.Repeat((byte)4, nodes), 14];

        columns.Row(Chain(1)).ShouldBe([7]);
        columns.Row(Chain(256)).ShouldBe([7]);
        columns.Fault(Chain(257)).Fault.ShouldBe(DecodeFault.TooDeep);
        columns.Fault(Chain(1_000_000)).Fault.ShouldBe(DecodeFault.TooDeep);
    }

    [Fact]
    public void Dropped_records_that_double_thirty_times_compile_to_few_operations()
    {
        var types = new StringBuilder("""{"type": "record", "name": "R0", "fields": [{"name": "x", "type": "string"}]}""");
        for (int i = 1; i <= 18; i++)
            types = new StringBuilder($$"""{"type": "record", "name": "R{{i}}", "fields": [{"name": "a", "type": {{types}}}, {"name": "b", "type": "R{{i - 1}}"}]}""");
        using var columns = DecodedColumns.Of($$"""{"name": "gone", "type": {{types}}}, {"name": "kept", "type": "int"}""", """{"name": "kept", "type": "int"}""");

        columns.Plan.Ops.Length.ShouldBeLessThan(100);
        columns.Row([.. new byte[1 << 18], 14]).ShouldBe([7]);
    }

    [Theory]
    [InlineData("FEFFFFFFFFFFFFFFFF01", DecodeFault.EndOfData)]
    [InlineData("01FEFFFFFFFFFFFFFFFF01", DecodeFault.EndOfData)]
    [InlineData("FFFFFFFFFFFFFFFFFF0100", DecodeFault.InvalidBlock)]
    [InlineData("0101", DecodeFault.InvalidBlock)]
    [InlineData("02", DecodeFault.EndOfData)]
    public void A_dropped_list_that_is_cut_endless_or_negative_is_a_fault(string hex, DecodeFault fault)
    {
        using var columns = DecodedColumns.Of("""{"name": "gone", "type": {"type": "array", "items": "string"}}, {"name": "kept", "type": "int"}""", """{"name": "kept", "type": "int"}""");
        var problem = columns.Fault(Convert.FromHexString(hex));

        problem.Fault.ShouldBe(fault);
        problem.Path.ShouldBe("gone");
    }

    [Fact]
    public void Columns_behind_the_shapes_are_the_callers()
    {
        var shape = ColumnShape.Of(DecodedColumns.Record("""{"name": "items", "type": {"type": "array", "items": "int"}}"""));
        var plan = ColumnPlan.Compile(shape.Schema, shape);
        using var batch = new ColumnBatch([.. shape.Fields, new("_partition", ColumnType.Of(ColumnKind.Int32), false), new("_offset", ColumnType.Of(ColumnKind.Int64), false)]);
        var block = batch.Open();
        plan.Decode([2, 2, 0], block, 0).IsDone.ShouldBeTrue();
        block.Columns[1].Values<int>()[0] = 3;
        block.Columns[2].Values<long>()[0] = 17;
        block.Count++;

        new[] { batch.GetValue(0, 0), batch.GetValue(1, 0), batch.GetValue(2, 0) }.ShouldBe([new object[] { 1 }, 3, 17L]);
    }

    [Fact]
    public void A_block_of_other_columns_and_a_row_in_use_are_refused()
    {
        using var columns = DecodedColumns.Of(Truck);
        using var other = new ColumnBlock([new("truck_id", ColumnType.Of(ColumnKind.Int32), false)]);
        Should.Throw<ArgumentException>(() => columns.Plan.Decode([0], other, 0)).Message.ShouldContain("truck_id INTEGER");
        var block = columns.Batch.Open();
        block.Count = 5;
        Should.Throw<ArgumentOutOfRangeException>(() => columns.Plan.Decode([0], block, 4));
        Should.Throw<ArgumentOutOfRangeException>(() => columns.Plan.Decode([0], block, ColumnBlock.RowsMax));
    }

    private static byte[] TruckBytes(string truck, long sequence, long micros, params double[] values)
    {
        byte[] bytes = new byte[200];
        var writer = new Etl.Codecs.Avro.Binary.AvroWriter(bytes);
        writer.WriteString(truck);
        writer.WriteLong(sequence);
        writer.WriteLong(micros);
        foreach (double value in values) writer.WriteDouble(value);
        return bytes[..writer.Position];
    }
}

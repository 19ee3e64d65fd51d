using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Values;

namespace Etl.Tests.Unit.Codecs.Avro;

/// <summary>What other Avro libraries for .NET are known to get wrong.</summary>
public sealed class TrapTests
{
    private const string Outer = """{"type":"record","name":"O","fields":[{"name":"gone","type":GONE},{"name":"kept","type":"int"}]}""";
    private const string Inner = """{"type":"record","name":"O","fields":[{"name":"kept","type":"int"}]}""";

    [Fact]
    public void A_field_renamed_by_alias_keeps_its_data_though_it_has_a_default()
    {
        var read = Read("""{"type":"record","name":"R","fields":[{"name":"old","type":"int"}]}""", """{"type":"record","name":"R","fields":[{"name":"fresh","type":"long","aliases":["old"],"default":-1}]}""", [0x54]);
        Field(read, "fresh").ShouldBe(42L);
    }

    [Theory]
    [InlineData("\"double\"", "0.1", 0.1)]
    [InlineData("\"double\"", "1e308", 1e308)]
    [InlineData("\"double\"", "3e9", 3e9)]
    [InlineData("\"double\"", "3", 3.0)]
    [InlineData("\"double\"", "\"NaN\"", double.NaN)]
    [InlineData("\"float\"", "0.1", 0.1f)]
    [InlineData("\"float\"", "3e9", 3e9f)]
    [InlineData("\"long\"", "3000000000", 3_000_000_000L)]
    [InlineData("\"long\"", "3e9", 3_000_000_000L)]
    [InlineData("\"long\"", "-9223372036854775808", long.MinValue)]
    [InlineData("\"int\"", "-2147483648", int.MinValue)]
    [InlineData("[\"null\",\"long\"]", "3000000000", 3_000_000_000L)]
    [InlineData("[\"null\",\"double\"]", "0.1", 0.1)]
    [InlineData("[\"int\",\"string\"]", "\"second\"", "second")]
    [InlineData("[\"int\",\"null\"]", "null", null)]
    public void A_default_is_exact_and_may_be_of_any_branch(string type, string json, object? expected)
    {
        var read = Read("""{"type":"record","name":"R","fields":[]}""", $$"""{"type":"record","name":"R","fields":[{"name":"a","type":{{type}},"default":{{json}}}]}""", []);
        Field(read, "a").ShouldBe(expected);
    }

    [Fact]
    public void A_bytes_default_is_one_byte_a_character()
    {
        var read = Read("""{"type":"record","name":"R","fields":[]}""", """{"type":"record","name":"R","fields":[{"name":"a","type":"bytes","default":"\u0000\u00ffA"}]}""", []);
        Field(read, "a").ShouldBe(new byte[] { 0, 255, 65 });
    }

    [Theory]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "\"a\"")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "\"B\"")]
    public void A_default_that_does_not_fit_is_a_fault_when_it_is_needed(string type, string json)
    {
        string reader = $$"""{"type":"record","name":"R","fields":[{"name":"a","type":{{type}},"default":{{json}}}]}""";
        Read("""{"type":"record","name":"R","fields":[]}""", reader, []).Problem!.Detail.ShouldContain("R.a");
    }

    [Theory]
    [InlineData("{\"type\":\"array\",\"items\":\"long\"}", "06 02", DecodeFault.EndOfData)] // cut
    [InlineData("{\"type\":\"array\",\"items\":\"long\"}", "fcffffffffffffffff01 02", DecodeFault.EndOfData)] // a count that the data cannot hold
    [InlineData("{\"type\":\"array\",\"items\":\"long\"}", "ffffffffffffffffff01 02", DecodeFault.InvalidBlock)] // a count of -2^63
    [InlineData("{\"type\":\"array\",\"items\":\"long\"}", "01 01", DecodeFault.InvalidBlock)] // a block of -1 byte
    [InlineData("{\"type\":\"array\",\"items\":\"long\"}", "01 7e", DecodeFault.EndOfData)] // a block past the end
    [InlineData("{\"type\":\"map\",\"values\":\"long\"}", "02 03 00 00", DecodeFault.NegativeLength)]
    [InlineData("\"string\"", "05", DecodeFault.NegativeLength)]
    [InlineData("\"string\"", "0a 61", DecodeFault.EndOfData)]
    [InlineData("\"bytes\"", "feffffffffffffffff01", DecodeFault.EndOfData)]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2000000000}", "00", DecodeFault.EndOfData)]
    [InlineData("[\"null\",\"int\"]", "04", DecodeFault.UnknownBranch)]
    [InlineData("[\"null\",\"int\"]", "01", DecodeFault.UnknownBranch)]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "02", DecodeFault.UnknownSymbol)]
    [InlineData("\"double\"", "00", DecodeFault.EndOfData)]
    [InlineData("\"long\"", "ffffffffffffffffffff01", DecodeFault.InvalidNumber)]
    [InlineData("\"int\"", "ffffffff1f", DecodeFault.InvalidNumber)]
    public void A_dropped_field_that_is_cut_endless_or_negative_is_a_fault_as_a_kept_one_is(string type, string hex, DecodeFault fault)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        string writer = Outer.Replace("GONE", type, StringComparison.Ordinal);
        var dropped = Read(writer, Inner, bytes).Problem.ShouldNotBeNull();
        (dropped.Fault, dropped.Path.Split('[')[0]).ShouldBe((fault, "gone"));
        Read(writer, writer, bytes).Fault.ShouldBe(fault);
    }

    [Fact]
    public void A_dropped_array_of_values_without_bytes_is_passed_over_at_once_and_a_kept_one_is_bounded()
    {
        string writer = Outer.Replace("GONE", """{"type":"array","items":"null"}""", StringComparison.Ordinal);
        byte[] bytes = [.. Convert.FromHexString("feffffffffffffffff0100"), 0x54];
        Field(Read(writer, Inner, bytes), "kept").ShouldBe(42);
        Read(writer, writer, bytes).Fault.ShouldBe(DecodeFault.TooManyValues);
    }

    [Fact]
    public void A_recursive_type_is_dropped_and_kept_up_to_the_depth_allowed()
    {
        string writer = Outer.Replace("GONE", """{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]}]}""", StringComparison.Ordinal);
        Chain(100).ShouldBe((true, true));
        Chain(1_000).ShouldBe((false, false));
        Chain(1_000_000).ShouldBe((false, false));

        (bool, bool) Chain(int length)
        {
            byte[] bytes = [.. Enumerable.Repeat((byte)2, length), 0, 0x54];
            var (dropped, kept) = (Read(writer, Inner, bytes), Read(writer, writer, bytes));
            if (!dropped.IsDone) (dropped.Fault, kept.Fault).ShouldBe((DecodeFault.TooDeep, DecodeFault.TooDeep));
            return (dropped.IsDone, kept.IsDone);
        }
    }

    [Fact]
    public void A_record_that_always_holds_itself_has_no_data_and_does_not_end_the_process()
    {
        string endless = """{"type":"record","name":"N","fields":[{"name":"again","type":"N"}]}""";
        Read(endless, endless, []).Fault.ShouldBe(DecodeFault.TooDeep);
        Read(Outer.Replace("GONE", endless, StringComparison.Ordinal), Inner, []).Fault.ShouldBe(DecodeFault.TooDeep);
        string byDefault = """{"type":"record","name":"N","fields":[{"name":"again","type":"N","default":{}}]}""";
        Read("""{"type":"record","name":"N","fields":[]}""", byDefault, []).Problem!.Detail.ShouldContain("stands for more than");
    }

    [Fact]
    public void A_schema_whose_names_stand_for_2_to_the_n_others_is_refused_by_name_or_read_at_once()
    {
        SchemaParser.TryParse(Doubling(60), out _, out var problem).ShouldBeFalse();
        problem!.Expected.ShouldContain("ExpandedMax");

        var schema = SchemaParser.Parse(Doubling(60), new() { ExpandedMax = long.MaxValue });
        CanonicalForm.Of(schema).Length.ShouldBeLessThan(10_000);
        var plan = DecodePlan.Of(schema);
        plan.Decode([]).Fault.ShouldBe(DecodeFault.TooManyValues);
        plan.Decode([]).Problem!.Path.ShouldStartWith("l.l.l.l.");
        var outer = SchemaParser.Parse($$"""{"type":"record","name":"O","fields":[{"name":"gone","type":{{Doubling(60)}}},{"name":"kept","type":"int"}]}""", new() { ExpandedMax = long.MaxValue });
        ((AvroRecord)DecodePlan.Of(outer, SchemaParser.Parse(Inner)).Decode([0x54]).Value!)["kept"].ShouldBe(42);
    }

    [Theory]
    [InlineData("""{"type":"int","logicalType":"timestamp-micros"}""")]
    [InlineData("""{"type":"bytes","logicalType":"decimal"}""")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":0}""")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":2,"scale":3}""")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":"9"}""")]
    [InlineData("""{"type":"fixed","name":"F","size":4,"logicalType":"decimal","precision":10}""")]
    [InlineData("""{"type":"fixed","name":"F","size":11,"logicalType":"duration"}""")]
    [InlineData("""{"type":"string","logicalType":"nothing-known"}""")]
    [InlineData("""{"type":"string","logicalType":7}""")]
    public void A_logical_type_that_does_not_fit_is_ignored_and_its_attributes_stay(string text)
    {
        var schema = SchemaParser.Parse(text);
        schema.LogicalType.ShouldBeNull();
        schema.Attributes.ShouldContainKey("logicalType");
        SchemaText.Write(schema).ShouldBe(text);
    }

    [Fact]
    public void A_decimal_on_fixed_is_a_plain_fixed_in_the_canonical_form() =>
        CanonicalForm.Of(SchemaParser.Parse("""{"type":"fixed","name":"D","namespace":"n","size":8,"logicalType":"decimal","precision":18,"scale":4}""")).ShouldBe("""{"name":"n.D","type":"fixed","size":8}""");

    [Fact]
    public void An_empty_namespace_is_the_null_namespace_also_inside_another()
    {
        var outer = (RecordSchema)SchemaParser.Parse("""{"type":"record","name":"a.b.R","fields":[{"name":"x","type":{"type":"record","name":"S","namespace":"","fields":[{"name":"y","type":["null","S"]}]}},{"name":"z","type":"S"}]}""");
        var inner = (RecordSchema)outer.Fields[0].Schema;
        (inner.FullName, inner.Namespace).ShouldBe(("S", ""));
        outer.Fields[1].Schema.ShouldBeSameAs(inner);
        ((UnionSchema)inner.Fields[0].Schema).Branches[1].ShouldBeSameAs(inner);
        SchemaText.Write(outer).ShouldContain("""{"type":"record","name":"S","namespace":"","fields":""");
        CanonicalForm.Of(SchemaParser.Parse(SchemaText.Write(outer))).ShouldBe(CanonicalForm.Of(outer));
    }

    [Fact]
    public void The_farthest_timestamps_are_read_as_numbers_and_refused_as_NET_times_without_an_exception()
    {
        foreach (string type in new[] { "timestamp-millis", "timestamp-micros", "local-timestamp-millis", "local-timestamp-micros" })
        {
            var schema = SchemaParser.Parse($$"""{"type":"long","logicalType":"{{type}}"}""");
            DecodePlan.Of(schema).Decode(ValueEncoder.Encode(schema, long.MinValue)).Value.ShouldBe(long.MinValue);
        }
        LogicalValues.TryInstantOfMillis(long.MaxValue, out _).ShouldBeFalse();
        LogicalValues.TryInstantOfMicros(long.MinValue, out _).ShouldBeFalse();
        LogicalValues.TryInstantOfNanos(long.MinValue, out var early).ShouldBeTrue();
        early.Year.ShouldBe(1677);
        LogicalValues.TryLocalOfMillis(253_402_300_800_000, out _).ShouldBeFalse(); // the year 10000
        LogicalValues.TryLocalOfMillis(253_402_300_799_999, out _).ShouldBeTrue();
        LogicalValues.TryDate(int.MinValue, out _).ShouldBeFalse();
        LogicalValues.TryTimeOfMillis(86_400_000, out _).ShouldBeFalse();
        LogicalValues.TryTimeOfMicros(-1, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_default_that_several_branches_could_hold_at_every_level_is_refused_soon()
    {
        string value = string.Concat(Enumerable.Repeat("{\"x\":", 60)) + "7" + new string('}', 60);
        string types = """["null",{"type":"record","name":"A","fields":[{"name":"x","type":["null","A","B"]}]},{"type":"record","name":"B","fields":[{"name":"x","type":["null","A","B"]}]}]""";
        SchemaParser.TryParse($$"""{"type":"record","name":"R","fields":[{"name":"a","type":{{types}},"default":{{value}}}]}""", out _, out var problem).ShouldBeFalse();
        problem!.ToString().ShouldContain("$.fields[0].default");
        problem.Found.ShouldContain("comparisons");
    }

    [Fact]
    public void Deep_JSON_and_deep_types_are_refused_by_name()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 100_000)) + "\"int\"" + new string('}', 100_000);
        SchemaParser.TryParse(deep, out _, out _).ShouldBeFalse();
        string chain = "[" + string.Join(',', Enumerable.Range(0, 2_000).Reverse().Select(n => $$"""{"type":"record","name":"R{{n}}","fields":[{"name":"f","type":"{{(n < 1_999 ? $"R{n + 1}" : "int")}}"}]}""")) + "]";
        SchemaParser.TryParse(chain, out _, out var problem).ShouldBeFalse();
        problem!.Expected.ShouldContain("DepthMax");
        SchemaParser.TryParse("\"int\"", out _, out problem, new() { TextMax = 3 }).ShouldBeFalse();
        problem!.Expected.ShouldContain("TextMax");
    }

    private static string Doubling(int levels)
    {
        string type = """{"type":"record","name":"R0","fields":[]}""";
        for (int level = 1; level <= levels; level++) type = $$"""{"type":"record","name":"R{{level}}","fields":[{"name":"l","type":{{type}}},{"name":"r","type":"R{{level - 1}}"}]}""";
        return type;
    }

    private static object? Field(Decoded<object?> read, string name)
    {
        read.Problem.ShouldBeNull();
        return read.Value.ShouldBeOfType<AvroRecord>()[name];
    }

    private static Decoded<object?> Read(string writer, string reader, byte[] bytes) => DecodePlan.Of(SchemaParser.Parse(writer), SchemaParser.Parse(reader)).Decode(bytes);
}

using System.Collections;
using System.Globalization;
using System.Numerics;
using Etl.Codecs.Cql;

namespace Etl.Tests.Unit.Codecs.Cql;

/// <summary>Values and tokens against what a real Cassandra sent.</summary>
public sealed class ValueVectorTests
{
    private static readonly CqlType User = CqlType.Udt("p.u", ("x", CqlType.Of(CqlTypeCode.Int)), ("y", CqlType.Of(CqlTypeCode.Text)));

    [Fact]
    public void Every_literal_is_written_as_cassandra_sends_it()
    {
        int count = 0;
        foreach (var (type, literal, bytes) in Vectors())
        {
            using var writer = new CqlWriter();
            ValueEncoder.WriteBytes(writer, type, CqlLiteral.Read(type, literal)!);
            Convert.ToHexStringLower(writer.Written).ShouldBe(bytes, $"{type} {literal}");
            count++;
        }
        count.ShouldBeGreaterThan(60);
    }

    [Fact]
    public void Every_value_is_read_as_its_literal_says()
    {
        foreach (var (type, literal, bytes) in Vectors())
        {
            byte[] raw = Convert.FromHexString(bytes);
            object? expected = CqlLiteral.Read(type, literal), found = type.Code switch
            {
                CqlTypeCode.Decimal => ValueDecoder.ReadAs<CqlDecimal>(type, raw),
                CqlTypeCode.Time => ValueDecoder.ReadAs<LocalTime>(type, raw),
                CqlTypeCode.Date => ValueDecoder.ReadAs<LocalDate>(type, raw),
                CqlTypeCode.Blob => Convert.ToHexStringLower(ValueDecoder.ReadAs<byte[]>(type, raw)!),
                _ => ValueDecoder.Read(type, raw),
            };
            if (type.Code == CqlTypeCode.Blob) found.ShouldBe(Convert.ToHexStringLower((byte[])expected!));
            else if (type.Code == CqlTypeCode.Udt) found.ShouldBe(new Dictionary<string, object?> { ["x"] = 1, ["y"] = ((IDictionary)expected!)["y"] });
            else if (expected is float.NaN) found.ShouldBe(float.NaN);
            else if (expected is double or float) BitConverter.DoubleToInt64Bits(Convert.ToDouble(found, CultureInfo.InvariantCulture)).ShouldBe(BitConverter.DoubleToInt64Bits(Convert.ToDouble(expected, CultureInfo.InvariantCulture)), literal);
            else if (type.Code == CqlTypeCode.Inet && literal.Contains("ffff", StringComparison.Ordinal)) found!.ToString().ShouldBe("1.2.3.4");
            else if (found is IDictionary map) Flat(map).ShouldBe(Flat((IDictionary)expected!), $"{type} {literal}");
            else if (found is Array array) array.Cast<object?>().ShouldBe(((Array)expected!).Cast<object?>(), $"{type} {literal}");
            else found.ShouldBe(expected, $"{type} {literal}");
        }
    }

    [Fact]
    public void The_typed_setters_write_the_same_bytes_as_objects_do()
    {
        using var writer = new CqlWriter();
        var values = new ValueWriter(writer);
        foreach (var (type, literal, bytes) in Vectors())
        {
            writer.Clear();
            values.Begin();
            Write(values, type, CqlLiteral.Read(type, literal)!);
            Convert.ToHexStringLower(values.At(0)).ShouldBe(bytes, $"{type} {literal}");
        }
    }

    [Fact]
    public void Every_routing_key_and_token_is_cassandras()
    {
        int count = 0;
        foreach (string[] line in CqlGolden.Lines("tokens.tsv"))
        {
            byte[][] columns = [.. line[0].Split(',').Select(Convert.FromHexString)];
            using CqlWriter bound = new(), key = new();
            var values = new ValueWriter(bound);
            values.Begin();
            values.Int(-1); // stands before them, and is no part of the key
            foreach (byte[] column in columns) values.Blob(column);
            RoutingKey.Write(key, values, [.. Enumerable.Range(1, columns.Length)]);
            Convert.ToHexStringLower(key.Written).ShouldBe(line[1]);
            Murmur3Token.Of(key.Written).ShouldBe(long.Parse(line[2], CultureInfo.InvariantCulture), line[1]);
            count++;
        }
        count.ShouldBe(71);
    }

    [Fact]
    public void A_value_cut_anywhere_is_a_fault_that_names_the_type_or_another_value()
    {
        foreach (var (type, _, bytes) in Vectors())
        {
            byte[] raw = Convert.FromHexString(bytes);
            for (int length = 0; length < raw.Length; length++)
            {
                try { ValueDecoder.Read(type, raw.AsSpan(0, length)); }
                catch (Exception fault) when (fault is InvalidDataException or OverflowException) { fault.Message.ShouldNotBeNullOrEmpty(); }
            }
        }
    }

    [Fact]
    public void Types_are_read_from_text_and_say_it_again()
    {
        CqlType.Parse("frozen<map<text, frozen<list<int>>>>").ToString().ShouldBe("map<text, list<int>>");
        CqlType.Parse("vector<float, 3>").ShouldBe(CqlType.Vector(CqlType.Of(CqlTypeCode.Float), 3));
        CqlType.Parse("varchar").Code.ShouldBe(CqlTypeCode.Text);
        CqlType.Parse("'org.apache.cassandra.db.marshal.DurationType'").Code.ShouldBe(CqlTypeCode.Duration);
        CqlType.Parse("'org.apache.cassandra.db.marshal.UserType(p,75,78:org.apache.cassandra.db.marshal.Int32Type,79:org.apache.cassandra.db.marshal.UTF8Type)'").ToString().ShouldBe("p.u");
        CqlType.Parse("'org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType , 3)'").ShouldBe(CqlType.Vector(CqlType.Of(CqlTypeCode.Float), 3));
        foreach (string wrong in (string[])["list<int", "list<>", "map<int>", "vector<int, x>", "", "list<int>>"])
            Should.Throw<FormatException>(() => CqlType.Parse(wrong), wrong);
    }

    [Theory]
    [InlineData("1.50", 2, "150")]
    [InlineData("-79228162514264337593543950335", 0, "-79228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001", 28, "1")]
    [InlineData("0.00", 2, "0")]
    public void Decimals_keep_their_scale_both_ways(string text, int scale, string unscaled)
    {
        decimal value = decimal.Parse(text, CultureInfo.InvariantCulture);
        CqlDecimal wide = value;
        wide.ShouldBe(new CqlDecimal(BigInteger.Parse(unscaled, CultureInfo.InvariantCulture), scale));
        wide.TryToDecimal(out decimal again).ShouldBeTrue();
        again.ToString(CultureInfo.InvariantCulture).ShouldBe(text);
    }

    [Fact]
    public void What_dotnet_has_no_room_for_says_which_type_has()
    {
        var wide = CqlDecimal.Parse("-79228162514264337593543950336.5");
        wide.TryToDecimal(out _).ShouldBeFalse();
        using var writer = new CqlWriter();
        ValueEncoder.WriteBytes(writer, CqlType.Of(CqlTypeCode.Decimal), wide);
        byte[] raw = writer.Written.ToArray();
        Should.Throw<OverflowException>(() => ValueDecoder.Read(CqlType.Of(CqlTypeCode.Decimal), raw)).Message.ShouldContain("CqlDecimal");
        ValueDecoder.ReadAs<CqlDecimal>(CqlType.Of(CqlTypeCode.Decimal), raw).ShouldBe(wide);
        Should.Throw<OverflowException>(() => ValueDecoder.Read(CqlType.Of(CqlTypeCode.Date), [0, 0, 0, 0])).Message.ShouldContain("LocalDate");
        ValueDecoder.ReadAs<int?>(CqlType.Of(CqlTypeCode.Int), []).ShouldBeNull();
        Should.Throw<InvalidCastException>(() => ValueDecoder.ReadAs<int>(CqlType.Of(CqlTypeCode.Int), []));
        Should.Throw<InvalidCastException>(() => ValueDecoder.ReadAs<string>(CqlType.Of(CqlTypeCode.Int), [0, 0, 0, 1]));
    }

    private static IEnumerable<(CqlType Type, string Literal, string Hex)> Vectors() =>
        CqlGolden.Lines("types.tsv").Select(line => (CqlType.Parse(line[0], name => name == "p.u" ? User : null), line[1], line[2]));

    private static IEnumerable<string> Flat(IDictionary map)
    {
        foreach (DictionaryEntry entry in map) yield return $"{entry.Key}={(entry.Value is Array inner ? string.Join(';', inner.Cast<object>()) : entry.Value)}";
    }

    private static void Write(ValueWriter values, CqlType type, object value)
    {
        switch (value)
        {
            case string text: values.Text(text); break;
            case bool flag: values.Boolean(flag); break;
            case sbyte tiny: values.TinyInt(tiny); break;
            case short small: values.SmallInt(small); break;
            case int whole: values.Int(whole); break;
            case long big: values.BigInt(big); break;
            case float single: values.Float(single); break;
            case double wide: values.Double(wide); break;
            case BigInteger number: values.VarInt(number); break;
            case CqlDecimal number when number.TryToDecimal(out decimal plain) && number.Scale >= 0: values.Decimal(plain); break;
            case CqlDecimal number: values.Decimal(number.Unscaled, number.Scale); break;
            case DateTimeOffset instant: values.Timestamp(instant); break;
            case LocalDate date: values.DateDays(date.DaysSinceEpoch); break;
            case LocalTime time: values.Time(time.TotalNanoseconds); break;
            case Duration duration: values.Duration(duration); break;
            case Guid id: values.Uuid(id); break;
            case System.Net.IPAddress address: values.Inet(address); break;
            case byte[] bytes: values.Blob(bytes); break;
            default: values.Object(type, value); break;
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Etl.Codecs.Avro.Binary;

namespace Etl.Codecs.Avro.Values;

/// <summary>Writes values (see <see cref="AvroRecord"/>) in the binary encoding. A value that does not fit its schema is the caller's mistake: <see cref="ArgumentException"/>.</summary>
public static class ValueEncoder
{
    /// <exception cref="ArgumentException">The value does not fit the schema.</exception>
    public static byte[] Encode(AvroSchema schema, object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        Encode(schema, value, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Appends the value.</summary>
    /// <exception cref="ArgumentException">The value does not fit the schema.</exception>
    public static void Encode(AvroSchema schema, object? value, IBufferWriter<byte> output)
    {
        switch (schema, value)
        {
            case ({ Kind: AvroKind.Null }, null):
                break;
            case ({ Kind: AvroKind.Boolean }, bool boolean):
                output.GetSpan(1)[0] = boolean ? (byte)1 : (byte)0;
                output.Advance(1);
                break;
            case ({ Kind: AvroKind.Int }, int number):
                WriteLong(output, number);
                break;
            case ({ Kind: AvroKind.Long }, long number):
                WriteLong(output, number);
                break;
            case ({ Kind: AvroKind.Float }, float number):
                BinaryPrimitives.WriteSingleLittleEndian(output.GetSpan(sizeof(float)), number);
                output.Advance(sizeof(float));
                break;
            case ({ Kind: AvroKind.Double }, double number):
                BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), number);
                output.Advance(sizeof(double));
                break;
            case ({ Kind: AvroKind.Bytes }, byte[] bytes):
                WriteLong(output, bytes.Length);
                output.Write(bytes);
                break;
            case ({ Kind: AvroKind.String }, string text):
                WriteString(output, text);
                break;
            case (FixedSchema size, AvroFixed bytes) when size.Size == bytes.Bytes.Length:
                output.Write(bytes.Bytes);
                break;
            case (EnumSchema choice, AvroEnum symbol) when choice.PlaceOf(symbol.Symbol) is >= 0 and var place:
                WriteLong(output, place);
                break;
            case (RecordSchema record, AvroRecord values) when record.Fields.Count == values.Values.Count:
                foreach (var field in record.Fields) Encode(field.Schema, values[field.Position], output);
                break;
            case (ArraySchema array, IReadOnlyList<object?> items):
                if (items.Count > 0) WriteLong(output, items.Count);
                foreach (object? item in items) Encode(array.Items, item, output);
                WriteLong(output, 0);
                break;
            case (MapSchema map, IReadOnlyDictionary<string, object?> entries):
                WriteMap(map, entries, output);
                break;
            case (UnionSchema union, _):
                int branch = ValueBranch.Of(union, value);
                WriteLong(output, branch);
                Encode(union.Branches[branch], value, output);
                break;
            default:
                throw ValueBranch.Misfit(schema, value);
        }
    }

    private static void WriteMap(MapSchema map, IReadOnlyDictionary<string, object?> entries, IBufferWriter<byte> output)
    {
        if (entries.Count > 0) WriteLong(output, entries.Count);
        foreach (var (key, value) in entries)
        {
            WriteString(output, key);
            Encode(map.Values, value, output);
        }
        WriteLong(output, 0);
    }

    private static void WriteLong(IBufferWriter<byte> output, long value) => output.Advance(Varint.Write(output.GetSpan(Varint.LongBytesMax), value));

    private static void WriteString(IBufferWriter<byte> output, string text)
    {
        WriteLong(output, Encoding.UTF8.GetByteCount(text));
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }
}

using System.Globalization;
using System.Text;

namespace Etl.Codecs.Avro;

/// <summary>The parsing canonical form: what matters to a reader of the bytes and nothing else, as one text. Logical types, docs, defaults, aliases and order are left out.</summary>
public static class CanonicalForm
{
    public static string Of(AvroSchema schema)
    {
        var text = new StringBuilder();
        Write(text, schema, []);
        return text.ToString();
    }

    private static void Write(StringBuilder text, AvroSchema schema, HashSet<string> written)
    {
        switch (schema)
        {
            case NamedSchema named:
                WriteNamed(text, named, written);
                break;
            case UnionSchema union:
                WriteList(text, union.Branches, branch => Write(text, branch, written));
                break;
            case ArraySchema array:
                text.Append("{\"type\":\"array\",\"items\":");
                Write(text, array.Items, written);
                text.Append('}');
                break;
            case MapSchema map:
                text.Append("{\"type\":\"map\",\"values\":");
                Write(text, map.Values, written);
                text.Append('}');
                break;
            default:
                text.Append('"').Append(schema.Kind.ToName()).Append('"');
                break;
        }
    }

    private static void WriteNamed(StringBuilder text, NamedSchema type, HashSet<string> written)
    {
        if (!written.Add(type.FullName))
        {
            text.Append('"').Append(type.FullName).Append('"');
            return;
        }
        text.Append("{\"name\":\"").Append(type.FullName).Append("\",\"type\":\"").Append(type.Kind.ToName()).Append('"');
        switch (type)
        {
            case EnumSchema choice:
                text.Append(",\"symbols\":");
                WriteList(text, choice.Symbols, symbol => text.Append('"').Append(symbol).Append('"'));
                break;
            case FixedSchema { Size: var size }:
                text.Append(",\"size\":").Append(size.ToString(CultureInfo.InvariantCulture));
                break;
            case RecordSchema record:
                text.Append(",\"fields\":");
                WriteList(text, record.Fields, field =>
                {
                    text.Append("{\"name\":\"").Append(field.Name).Append("\",\"type\":");
                    Write(text, field.Schema, written);
                    text.Append('}');
                });
                break;
        }
        text.Append('}');
    }

    private static void WriteList<T>(StringBuilder text, IReadOnlyList<T> list, Action<T> write)
    {
        text.Append('[');
        for (int place = 0; place < list.Count; place++)
        {
            if (place > 0) text.Append(',');
            write(list[place]);
        }
        text.Append(']');
    }
}

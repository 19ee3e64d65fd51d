using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Etl.Codecs.Columns;

namespace Etl.Sinks;

/// <summary>Nested values as JSON: lists → arrays, structs → objects, maps with text keys → objects, other maps → arrays of key and value; times as SQL text, bytes as base64, NaN and ±Infinity as null.</summary>
internal static class ColumnJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlySpan<byte> Write(ColumnVector column, int row)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options)) Write(json, column, row);
        return buffer.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter json, ColumnVector column, int row)
    {
        if (column.IsNull(row)) json.WriteNullValue();
        else if (column.Type.Kind == ColumnKind.Struct) WriteStruct(json, column, row);
        else if (column.Type.Kind == ColumnKind.Map && column.Type.Children[0].Type.Children[0].Type.Kind == ColumnKind.Text) WriteMap(json, column, row);
        else if (column.Type.Kind is ColumnKind.List or ColumnKind.Map) WriteList(json, column, row);
        else WriteScalar(json, column, row);
    }

    private static void WriteStruct(Utf8JsonWriter json, ColumnVector column, int row)
    {
        json.WriteStartObject();
        for (int i = 0; i < column.Children.Length; i++)
        {
            json.WritePropertyName(column.Type.Children[i].Name);
            Write(json, column.Children[i], row);
        }
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, ColumnVector column, int row)
    {
        var (first, count) = Range(column, row);
        json.WriteStartArray();
        for (int i = 0; i < count; i++) Write(json, column.Children[0], first + i);
        json.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter json, ColumnVector column, int row)
    {
        var (first, count) = Range(column, row);
        var entries = column.Children[0];
        json.WriteStartObject();
        for (int i = 0; i < count; i++)
        {
            json.WritePropertyName((string)ColumnValue.Read(entries.Children[0], first + i)!);
            Write(json, entries.Children[1], first + i);
        }
        json.WriteEndObject();
    }

    private static unsafe (int First, int Count) Range(ColumnVector column, int row)
    {
        long* range = (long*)column.Data + 2L * row;
        return (checked((int)range[0]), checked((int)range[1]));
    }

    private static void WriteScalar(Utf8JsonWriter json, ColumnVector column, int row)
    {
        switch (ColumnValue.Read(column, row))
        {
            case bool value: json.WriteBooleanValue(value); break;
            case int value: json.WriteNumberValue(value); break;
            case long value: json.WriteNumberValue(value); break;
            case Int128 value: json.WriteRawValue(value.ToString(CultureInfo.InvariantCulture)); break;
            case float value when float.IsFinite(value): json.WriteNumberValue(value + 0.0f); break;
            case double value when double.IsFinite(value): json.WriteNumberValue(value + 0.0); break;
            case float or double: json.WriteNullValue(); break;
            case decimal value: json.WriteNumberValue(value); break;
            case byte[] value: json.WriteBase64StringValue(value); break;
            case DateTimeOffset value: json.WriteStringValue(SqlText.InstantText(value.UtcDateTime)); break;
            case DateTime value: json.WriteStringValue(SqlText.InstantText(value)); break;
            case DateOnly value: json.WriteStringValue(SqlText.DateText(value)); break;
            case TimeOnly value: json.WriteStringValue(value.ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture)); break;
            case string digits when column.Type.Kind == ColumnKind.Decimal: json.WriteRawValue(digits); break;
            case var value: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}

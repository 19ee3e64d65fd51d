using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Etl.Codecs.Avro;

/// <summary>Writes a schema as the Java library does, hence as registries return it: attributes in its order, each type defined where it first occurs, a namespace left out where it is the enclosing one's.</summary>
public static class SchemaText
{
    private const int BriefMax = 80;
    private const int JsonDepthMax = 8_192; // four levels of JSON a schema, and what defaults and attributes hold

    public static string Write(AvroSchema schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonDepthMax }))
            Write(json, schema, "", []);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>For messages: at most so many characters.</summary>
    internal static string Brief(AvroSchema schema) =>
        schema is NamedSchema named ? named.FullName : schema is PrimitiveSchema ? schema.Kind.ToName() : Write(schema) is var text && text.Length <= BriefMax ? text : text[..BriefMax] + "…";

    private static void Write(Utf8JsonWriter json, AvroSchema schema, string @namespace, HashSet<string> written)
    {
        switch (schema)
        {
            case NamedSchema named when !written.Add(named.FullName):
                json.WriteStringValue(named.Namespace == @namespace ? named.Name : named.FullName);
                return;
            case UnionSchema union:
                json.WriteStartArray();
                foreach (var branch in union.Branches) Write(json, branch, @namespace, written);
                json.WriteEndArray();
                return;
            case PrimitiveSchema { Attributes.Count: 0 }:
                json.WriteStringValue(schema.Kind.ToName());
                return;
        }
        json.WriteStartObject();
        json.WriteString("type", schema is RecordSchema { IsError: true } ? "error" : schema.Kind.ToName());
        if (schema is NamedSchema type) WriteNamed(json, type, @namespace, written);
        if (schema is ArraySchema array) WriteInner(json, "items", array.Items, @namespace, written);
        if (schema is MapSchema map) WriteInner(json, "values", map.Values, @namespace, written);
        WriteAttributes(json, schema.Attributes);
        if (schema is NamedSchema { Aliases.Count: > 0 } known) WriteAliases(json, known.Aliases, known.Namespace);
        json.WriteEndObject();
    }

    private static void WriteNamed(Utf8JsonWriter json, NamedSchema type, string @namespace, HashSet<string> written)
    {
        json.WriteString("name", type.Name);
        if (type.Namespace != @namespace) json.WriteString("namespace", type.Namespace);
        if (type.Doc is { } doc) json.WriteString("doc", doc);
        switch (type)
        {
            case FixedSchema { Size: var size }:
                json.WriteNumber("size", size);
                break;
            case EnumSchema choice:
                json.WriteStartArray("symbols");
                foreach (string symbol in choice.Symbols) json.WriteStringValue(symbol);
                json.WriteEndArray();
                if (choice.Default is { } symbolDefault) json.WriteString("default", symbolDefault);
                break;
            case RecordSchema record:
                json.WriteStartArray("fields");
                foreach (var field in record.Fields) WriteField(json, field, record.Namespace, written);
                json.WriteEndArray();
                break;
        }
    }

    private static void WriteField(Utf8JsonWriter json, RecordField field, string @namespace, HashSet<string> written)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        WriteInner(json, "type", field.Schema, @namespace, written);
        if (field.Doc is { } doc) json.WriteString("doc", doc);
        if (field.Default is { } value) WriteMember(json, "default", value);
        if (field.Order != FieldOrder.Ascending) json.WriteString("order", field.Order == FieldOrder.Ignore ? "ignore" : "descending");
        if (field.Aliases.Count > 0) WriteAliases(json, field.Aliases, "");
        WriteAttributes(json, field.Attributes);
        json.WriteEndObject();
    }

    private static void WriteInner(Utf8JsonWriter json, string name, AvroSchema schema, string @namespace, HashSet<string> written)
    {
        json.WritePropertyName(name);
        Write(json, schema, @namespace, written);
    }

    private static void WriteAliases(Utf8JsonWriter json, IReadOnlyList<string> aliases, string @namespace)
    {
        json.WriteStartArray("aliases");
        foreach (string alias in aliases)
        {
            var name = SchemaName.Of(alias, "");
            json.WriteStringValue(@namespace.Length > 0 && name.Namespace == @namespace ? name.Name : alias);
        }
        json.WriteEndArray();
    }

    private static void WriteAttributes(Utf8JsonWriter json, IReadOnlyDictionary<string, JsonElement> attributes)
    {
        foreach (var (name, value) in attributes) WriteMember(json, name, value);
    }

    private static void WriteMember(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }
}

namespace Etl.Codecs.Avro.Generation;

/// <summary>Writes one record: properties, measure, encoder, decoder.</summary>
internal sealed class CSharpRecord(CodeText code, RecordSchema record, Func<NamedSchema, string> nameOf)
{
    private static readonly HashSet<string> Taken = ["Schema", "SubjectSchema", "EncodedBytesMax", "Encode", "Decode", "WriteTo", "TryRead", "Equals", "GetHashCode", "ToString", "GetType", "MemberwiseClone", "EqualityContract", "PrintMembers", "Finalize"];

    private readonly Queue<(string Method, AvroSchema Schema)> readers = [];
    private int variables;

    private string Name { get; } = nameOf(record);

    public void Write(SubjectSchema? subject)
    {
        var properties = PropertiesOf();
        code.Summary(record.Doc);
        code.Open($"public sealed partial record {Name}" + (subject is null ? "" : $" : IAvroRecord<{Name}>"));
        if (subject is not null) WriteSchema(subject);
        foreach (var (field, property) in properties)
        {
            code.Summary(field.Doc);
            code.Line($"public {(field.Schema is UnionSchema ? "" : "required ")}{TypeOf(field.Schema, PathOf(field))} {property} {{ get; init; }}");
            code.Line();
        }
        WriteMeasure(properties);
        WriteEncoder(properties, subject);
        WriteDecoder(properties, subject);
        while (readers.TryDequeue(out var reader)) WriteReader(reader.Method, reader.Schema);
        code.Close();
    }

    private void WriteSchema(SubjectSchema subject)
    {
        code.Summary("The schema's text, as it is kept and registered.");
        code.Constant("public const string Schema", subject.Text.TrimEnd());
        code.Line();
        code.Line($"public static SubjectSchema SubjectSchema {{ get; }} = new({CSharpNames.Literal(subject.Subject)}, {subject.Version}, Schema);");
        code.Line();
    }

    private void WriteMeasure(IReadOnlyList<(RecordField Field, string Property)> properties)
    {
        code.Summary("An upper bound of the bytes that encoding takes.");
        code.Open("public int EncodedBytesMax");
        code.Open("get");
        code.Line($"int bytes = {properties.Sum(one => ConstantBytesOf(one.Field.Schema))};");
        foreach (var (field, property) in properties) Measure(field.Schema, property);
        code.Line("return bytes;");
        code.Close();
        code.Close();
        code.Line();
    }

    private void WriteEncoder(IReadOnlyList<(RecordField Field, string Property)> properties, SubjectSchema? subject)
    {
        if (subject is not null)
        {
            code.Line("/// <inheritdoc/>");
            code.Open("public int Encode(Span<byte> destination)");
            code.Line("var writer = AvroWriter.Over(destination, EncodedBytesMax);");
            code.Line("WriteTo(ref writer);");
            code.Line("return writer.Position;");
            code.Close();
            code.Line();
            code.Line("/// <inheritdoc/>");
            code.Line("public void Encode(IBufferWriter<byte> output) => output.Advance(Encode(output.GetSpan(EncodedBytesMax)));");
            code.Line();
        }
        code.Open("internal void WriteTo(ref AvroWriter writer)");
        foreach (var (field, property) in properties) WriteValue(field.Schema, property);
        code.Close();
        code.Line();
    }

    private void WriteDecoder(IReadOnlyList<(RecordField Field, string Property)> properties, SubjectSchema? subject)
    {
        if (subject is not null)
        {
            code.Line("/// <inheritdoc/>");
            code.Open($"public static Decoded<{Name}> Decode(ReadOnlySpan<byte> source)");
            code.Line("var reader = new AvroReader(source);");
            code.Line($"return TryRead(ref reader, out var value) && reader.TryEnd() ? Decoded<{Name}>.Done(value, reader.Position) : Decoded<{Name}>.Failed(reader.Problem);");
            code.Close();
            code.Line();
        }
        code.Open($"internal static bool TryRead(ref AvroReader reader, [NotNullWhen(true)] out {Name}? value)");
        code.Line("value = null;");
        code.Line("if (!reader.TryEnter()) return false;");
        foreach (var (field, property) in properties)
            code.Line($"if (!{ReadCall(field.Schema, $"var {LocalOf(property)}", "TryRead" + property)}) return reader.FailIn({CSharpNames.Literal(field.Name)});");
        code.Line("reader.Leave();");
        code.Line($"value = new() {{ {string.Join(", ", properties.Select(one => $"{one.Property} = {LocalOf(one.Property)}"))} }};");
        code.Line("return true;");
        code.Close();
    }

    private void WriteValue(AvroSchema schema, string value)
    {
        switch (schema)
        {
            case EnumSchema choice:
                code.Line($"writer.WriteSymbol((int){value}, {choice.Symbols.Count});");
                break;
            case RecordSchema:
                code.Line($"{value}.WriteTo(ref writer);");
                break;
            case UnionSchema { Nullable: { } inner } union:
                string present = Variable("present");
                code.Open($"if ({value} is {{ }} {present})");
                code.Line($"writer.WriteLong({1 - union.NullBranch});");
                WriteValue(inner, present);
                code.Close();
                code.Line($"else writer.WriteLong({union.NullBranch});");
                break;
            case ArraySchema or MapSchema:
                string item = Variable("item");
                code.Line($"if ({value}.Count > 0) writer.WriteLong({value}.Count);");
                code.Open($"foreach (var {item} in {value})");
                if (schema is MapSchema) code.Line($"writer.WriteString({item}.Key);");
                WriteValue(InnerOf(schema), schema is MapSchema ? item + ".Value" : item);
                code.Close();
                code.Line("writer.WriteLong(0);");
                break;
            default:
                code.Line(string.Format(null, CSharpType.OfLeaf(schema)!.Write, value));
                break;
        }
    }

    /// <summary>Statements that add what <see cref="ConstantBytesOf"/> does not hold.</summary>
    private void Measure(AvroSchema schema, string value)
    {
        switch (schema)
        {
            case RecordSchema:
                code.Line($"bytes += {value}.EncodedBytesMax;");
                break;
            case UnionSchema { Nullable: { } inner } when NeedsMeasure(inner):
                string present = Variable("present");
                code.Open($"if ({value} is {{ }} {present})");
                Measure(inner, present);
                code.Close();
                break;
            case ArraySchema or MapSchema:
                var part = InnerOf(schema);
                code.Line($"bytes += {ConstantBytesOf(part)} * {value}.Count;");
                if (schema is ArraySchema && !NeedsMeasure(part)) break;
                string item = Variable("item");
                code.Open($"foreach (var {item} in {value})");
                if (schema is MapSchema) code.Line($"bytes += AvroWriter.StringBytesMax({item}.Key);");
                Measure(part, schema is MapSchema ? item + ".Value" : item);
                code.Close();
                break;
            default:
                if (CSharpType.OfLeaf(schema)?.Measure is { } measure) code.Line($"bytes += {string.Format(null, measure, value)};");
                break;
        }
    }

    private static bool NeedsMeasure(AvroSchema schema) =>
        schema is RecordSchema or ArraySchema or MapSchema || CSharpType.OfLeaf(schema)?.Measure is not null || schema is UnionSchema { Nullable: { } inner } && NeedsMeasure(inner);

    private static int ConstantBytesOf(AvroSchema schema) => schema switch
    {
        EnumSchema => 5,
        RecordSchema => 0,
        UnionSchema { Nullable: { } inner } => 1 + ConstantBytesOf(inner),
        ArraySchema or MapSchema => 5 + 1, // one block's count, and the 0 that ends the list
        _ => CSharpType.OfLeaf(schema)?.BytesMax ?? 0,
    };

    private string TypeOf(AvroSchema schema, string path) => schema switch
    {
        EnumSchema or RecordSchema => nameOf((NamedSchema)schema),
        ArraySchema array => $"IReadOnlyList<{TypeOf(array.Items, path + "[]")}>",
        MapSchema map => $"IReadOnlyDictionary<string, {TypeOf(map.Values, path + "{}")}>",
        UnionSchema { Nullable: { } inner } => TypeOf(inner, path) + "?",
        _ => CSharpType.OfLeaf(schema)?.Type ?? throw SchemaBuilder.Refused($"type {SchemaText.Brief(schema)}", "a type that C# records are made from: of unions only null and one other", path),
    };

    private string ReadCall(AvroSchema schema, string target, string method)
    {
        if (schema is RecordSchema record) return $"{nameOf(record)}.TryRead(ref reader, out {target})";
        if (CSharpType.OfLeaf(schema) is { } leaf) return string.Format(null, leaf.Read, target.Replace("var ", leaf.Type + " ", StringComparison.Ordinal));
        readers.Enqueue((method, schema));
        return $"{method}(ref reader, out {target})";
    }

    private void WriteReader(string method, AvroSchema schema)
    {
        string type = TypeOf(schema, method);
        code.Line();
        code.Open($"private static bool {method}(ref AvroReader reader, out {type} value)");
        switch (schema)
        {
            case EnumSchema choice:
                code.Line($"bool read = reader.TryReadSymbol({choice.Symbols.Count}, out int place);");
                code.Line($"value = ({type})place;");
                code.Line("return read;");
                break;
            case UnionSchema { Nullable: { } inner } union:
                code.Line("value = null;");
                code.Line("if (!reader.TryReadBranch(2, out int branch)) return false;");
                code.Line($"if (branch == {union.NullBranch}) return true;");
                code.Line($"if (!{ReadCall(inner, "var present", method + "Value")}) return false;");
                code.Line("value = present;");
                code.Line("return true;");
                break;
            default:
                WriteListReader(schema, method);
                break;
        }
        code.Close();
    }

    private void WriteListReader(AvroSchema schema, string method)
    {
        var part = InnerOf(schema);
        bool isMap = schema is MapSchema;
        code.Line(isMap ? $"var entries = new Dictionary<string, {TypeOf(part, method)}>();" : $"var items = new List<{TypeOf(part, method)}>();");
        code.Line($"value = {(isMap ? "entries" : "items")};");
        code.Line("if (!reader.TryEnter()) return false;");
        code.Open("while (true)");
        code.Line("if (!reader.TryReadBlock(out long count, out _)) return false;");
        code.Line("if (count == 0) break;");
        code.Line("if (!reader.TryCount(count)) return false;");
        code.Open("for (long place = 0; place < count; place++)");
        if (isMap) code.Line("if (!reader.TryReadString(out string key)) return false;");
        string at = isMap ? "$\"[\\\"{key}\\\"]\"" : "items.Count";
        code.Line($"if (!{ReadCall(part, "var item", method + "Item")}) return reader.FailIn({at});");
        code.Line(isMap ? "entries[key] = item;" : "items.Add(item);");
        code.Close();
        code.Close();
        code.Line("reader.Leave();");
        code.Line("return true;");
    }

    private List<(RecordField Field, string Property)> PropertiesOf()
    {
        var properties = new List<(RecordField, string)>();
        var names = new HashSet<string>();
        foreach (var field in record.Fields)
        {
            string property = CSharpNames.Pascal(field.Name);
            if (property == Name || Taken.Contains(property)) property += "Value"; // C# forbids a member named as its type, and ours are taken
            if (!names.Add(property)) throw SchemaBuilder.Refused($"two fields of {record.FullName} that C# names {property}", "names that stay different in C#", PathOf(field));
            properties.Add((field, property));
        }
        return properties;
    }

    private string PathOf(RecordField field) => $"{record.FullName}.{field.Name}";

    private static string LocalOf(string property) => CSharpNames.Local(property) is var local && local is "value" or "reader" ? local + "1" : CSharpNames.Local(property);

    private static AvroSchema InnerOf(AvroSchema schema) => schema is ArraySchema array ? array.Items : ((MapSchema)schema).Values;

    private string Variable(string name) => $"{name}{++variables}";
}
